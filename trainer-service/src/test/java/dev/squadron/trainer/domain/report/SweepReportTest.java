package dev.squadron.trainer.domain.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.trainer.domain.SweepView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SweepReportTest {
    @Test
    void ranksAndDrawsTheTrials() throws InvalidMessage {
        SweepView view = SweepView.of(event(List.of(
                        trial(0, 1e-4, "cosine", TrialState.SUCCEEDED, 2, 1.5, null),
                        trial(1, 1e-2, "linear", TrialState.STOPPED, 1, 3.5, null),
                        trial(2, 1e-3, "cosine", TrialState.SUCCEEDED, 2, 1.25, null),
                        trial(3, 5e-2, "linear", TrialState.FAILED, 1, null, "no <number>"))))
                .after(epoch(2, 1, 2.0))
                .after(epoch(2, 2, 1.25));

        String page = page(view);

        assertThat(page)
                .contains(
                        "<h1>Sweep s</h1>", "<dt>Best trial</dt><dd>2</dd>", "aria-label=\"validation loss by trial\"")
                .contains("aria-label=\"validation loss by optimizer.learning_rate\"", "trial 2 1.25 at 2")
                .contains("<td>cosine</td><td class=\"number\">2</td><td class=\"number\">1.25</td>"
                        + "<td class=\"number\">1.375</td>")
                .contains("no &lt;number&gt;")
                .doesNotContain("aria-label=\"validation loss by schedule.type\"");
        assertThat(List.of(
                        page.indexOf(">1</td><td class=\"number\">2</td>"),
                        page.indexOf(">2</td><td class=\"number\">0</td>"),
                        page.indexOf(">3</td><td class=\"number\">1</td>"),
                        page.indexOf("<td>–</td><td class=\"number\">3</td>")))
                .isSorted()
                .allMatch(place -> place > 0);
    }

    @Test
    void isAPageBeforeAnythingIsTried() throws InvalidMessage {
        assertThat(page(SweepView.of(event(null))))
                .startsWith("<!doctype html>")
                .contains("<dd>running</dd>")
                .doesNotContain("<svg", "Ranking");
    }

    private static String page(SweepView view) {
        return new String(new SweepReport(view).write(), UTF_8);
    }

    private static SweepEvent event(List<Trial> trials) throws InvalidMessage {
        SweepPlan plan = SweepPlan.read(
                """
                {trials: 4, space: {optimizer.learning_rate: {min: 1e-5, max: 1e-1, scale: log},
                                    schedule.type: [cosine, linear]}}
                """
                        .getBytes(UTF_8),
                "plan");
        return new SweepEvent(
                "s", "d", "m", plan, State.RUNNING, trials, trials == null ? null : 2, null, null, Instant.EPOCH);
    }

    private static Trial trial(
            int number, double rate, String schedule, TrialState state, int epochs, Double loss, String message) {
        return new Trial(
                number,
                Map.of("optimizer.learning_rate", new DoubleNode(rate), "schedule.type", new TextNode(schedule)),
                state,
                epochs,
                loss == null ? null : Map.of("validation_loss", loss),
                "s/" + number,
                message);
    }

    private static Progress epoch(int trial, int epoch, double loss) {
        return new Progress(
                "s/" + trial,
                Progress.Stage.TRAINING,
                epoch / 2.0,
                epoch,
                epoch * 10L,
                20L,
                3.0,
                null,
                null,
                null,
                null,
                null,
                Map.of("train_loss", 3.0, "validation_loss", loss),
                Instant.EPOCH);
    }
}
