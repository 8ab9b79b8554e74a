package dev.squadron.trainer.domain;

import static dev.squadron.trainer.domain.ToldRun.end;
import static dev.squadron.trainer.domain.ToldRun.epoch;
import static dev.squadron.trainer.domain.ToldRun.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RunHistoryTest {
    private static final Map<String, Double> SCORES = Map.of("f1", 50.0);

    @Test
    void putsWhatAResumedTrainerTellsInThePlaceOfWhatItDoesAgain() {
        List<Progress> resumed = List.of(end(Stage.BASELINE, SCORES), step(11, 0.7), epoch(1, 20, 0.6), step(25, 0.5));

        assertThat(historyOf(
                        List.of(end(Stage.BASELINE, SCORES), step(10, 0.8), step(15, 0.9), epoch(1, 20, 0.9)), resumed))
                .containsExactly(
                        step(10, 0.8), end(Stage.BASELINE, SCORES), step(11, 0.7), epoch(1, 20, 0.6), step(25, 0.5));
    }

    @Test
    void keepsAnEpochBesideTheUpdateThatItEndsWith() {
        assertThat(historyOf(List.of(step(20, 0.7), epoch(1, 20, 0.6)), List.of(step(21, 0.5))))
                .containsExactly(step(20, 0.7), epoch(1, 20, 0.6), step(21, 0.5));
    }

    @Test
    void keepsOfOtherStagesTheLastWord() {
        assertThat(historyOf(
                        List.of(end(Stage.EXTRACTING, null), end(Stage.EXTRACTING, null)),
                        List.of(end(Stage.BASELINE, null), end(Stage.BASELINE, SCORES))))
                .containsExactly(end(Stage.EXTRACTING, null), end(Stage.BASELINE, SCORES));
    }

    @Test
    void thinsLongRunsAndKeepsTheirEpochs() {
        RunHistory history = new RunHistory();
        history.add(epoch(1, 1, 0.9));
        LongStream.rangeClosed(2, 50_000).forEach(step -> history.add(step(step, 1.0 / step)));

        assertThat(history.all()).hasSizeBetween(500, 2_001).startsWith(epoch(1, 1, 0.9));
        assertThat(history.all()).last().isEqualTo(step(50_000, 1.0 / 50_000));
    }

    private static List<Progress> historyOf(List<Progress> before, List<Progress> after) {
        RunHistory history = new RunHistory();
        before.forEach(history::add);
        RunHistory resumed = new RunHistory(history.all());
        after.forEach(resumed::add);
        return resumed.all();
    }
}
