package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.ToldSweep.epoch;
import static dev.squadron.trainer.domain.ToldSweep.event;
import static dev.squadron.trainer.domain.ToldSweep.loss;
import static dev.squadron.trainer.domain.ToldSweep.trial;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.trainer.domain.SweepView;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweepReportTest {
    @Test
    void ranksAndDrawsTheTrials() throws InvalidMessage {
        SweepView view = SweepView.of(event(
                        State.RUNNING,
                        List.of(
                                trial(0, 1e-4, "cosine", TrialState.SUCCEEDED, 2, loss(1.5), null),
                                trial(1, 1e-2, "linear", TrialState.STOPPED, 1, loss(3.5), null),
                                trial(2, 1e-3, "cosine", TrialState.SUCCEEDED, 2, loss(1.25), null),
                                trial(3, 5e-2, "linear", TrialState.FAILED, 1, null, "no <number>")),
                        2))
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
        assertThat(page(SweepView.of(event(State.RUNNING, null, null))))
                .startsWith("<!doctype html>")
                .contains("<dd>running</dd>")
                .doesNotContain("<svg", "Ranking");
    }

    private static String page(SweepView view) {
        return new String(new SweepReport(view).write(), UTF_8);
    }
}
