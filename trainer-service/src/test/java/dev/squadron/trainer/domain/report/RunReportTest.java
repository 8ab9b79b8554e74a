package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.ToldRun.end;
import static dev.squadron.trainer.domain.ToldRun.epoch;
import static dev.squadron.trainer.domain.ToldRun.event;
import static dev.squadron.trainer.domain.ToldRun.step;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent.State;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunReportTest {
    private static final List<Progress> TOLD = List.of(
            end(Stage.BASELINE, Map.of("exact", 10.0, "f1", 20.0, "validation_loss", 2.5)),
            step(1, 3.0),
            step(10, 1.0),
            epoch(1, 10, 1.5),
            step(20, 0.5),
            epoch(2, 20, 1.25),
            end(Stage.VALIDATING, Map.of("exact", 30.0, "f1", 45.5, "validation_loss", 1.25)));

    @Test
    void drawsTheCurvesOfTheRun() {
        List<Chart> charts = new Curves(TOLD).charts();

        assertThat(charts)
                .extracting(Chart::title)
                .containsExactly("Loss", "Exact match and F1", "Learning rate", "Norm of the gradient");
        assertThat(charts.get(0).series().get(0).points())
                .containsExactly(new Chart.Point(1, 3), new Chart.Point(10, 1), new Chart.Point(20, 0.5));
        assertThat(charts.get(0).series().get(1).points())
                .containsExactly(new Chart.Point(0, 2.5), new Chart.Point(10, 1.5), new Chart.Point(20, 1.25));
        assertThat(charts.get(1).series().get(1).points())
                .containsExactly(new Chart.Point(0, 20), new Chart.Point(20, 45.5));
    }

    @Test
    void setsBeforeBesideAfter() {
        assertThat(report(TOLD))
                .contains(
                        "<td>f1</td><td class=\"number\">20</td><td class=\"number\">45.5</td><td class=\"number\">25.5</td>")
                .contains("<dt>Examples/s</dt><dd>80</dd>")
                .contains("learning_rate:");
    }

    @Test
    void isAPageBeforeAnythingIsTold() {
        assertThat(report(List.of()))
                .startsWith("<!doctype html>")
                .contains("<dd>running</dd>")
                .doesNotContain("<svg");
    }

    @Test
    void needsNothingFromElsewhere() {
        assertThat(report(TOLD))
                .doesNotContain("<script")
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("src=\"");
    }

    @Test
    void escapesWhatARunSays() {
        byte[] page = RunReport.soFar(
                        event(State.RUNNING).to(State.FAILED, null, "<img src=x> & 'so' \"on\"", Instant.EPOCH),
                        List.of())
                .write();

        assertThat(new String(page, UTF_8))
                .contains("&lt;img src=x&gt; &amp; &#39;so&#39; &quot;on&quot;")
                .doesNotContain("<img");
    }

    @ParameterizedTest
    @CsvSource({
        "0.00003, 3e-5",
        "12.3456, 12.35",
        "45.5, 45.5",
        "1234567, 1234567",
        "0, 0",
        "-0.5, -0.5",
        "NaN, –",
        "25000000, 2.5e7",
        "0.1, 0.1"
    })
    void writesNumbersAsPeopleReadThem(double value, String text) {
        assertThat(Figure.of(value)).isEqualTo(text);
    }

    private static String report(List<Progress> told) {
        return new String(RunReport.soFar(event(State.RUNNING), told).write(), UTF_8);
    }
}
