package dev.squadron.trainer.domain.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.contracts.run.SweepPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
    @Test
    void halvesByTheNumbersOfThePlan() throws InvalidMessage {
        assertThat(rungs(27, 1, 3, 30))
                .containsExactly(new Rung(1, 9), new Rung(3, 3), new Rung(9, 1), new Rung(30, 1));
        assertThat(rungs(10, 2, 2, 9)).containsExactly(new Rung(2, 5), new Rung(4, 2), new Rung(8, 1), new Rung(9, 1));
        assertThat(rungs(1, 1, 3, 9)).containsExactly(new Rung(9, 1));
        assertThat(Rung.of(CandidateTest.plan("{space: {seed: [1, 2]}}"), 2))
                .containsExactly(new Rung(Integer.MAX_VALUE, 1));
    }

    @Property(tries = 100)
    void everyRungHasFewerTrialsForMoreEpochs(
            @ForAll @IntRange(min = 2, max = 300) int trials,
            @ForAll @IntRange(min = 1, max = 4) int minEpochs,
            @ForAll @IntRange(min = 2, max = 5) int reduction,
            @ForAll @IntRange(min = 5, max = 60) int epochs)
            throws InvalidMessage {
        List<Rung> rungs = rungs(trials, minEpochs, reduction, epochs);

        assertThat(rungs).extracting(Rung::epochs).isSorted().doesNotHaveDuplicates();
        assertThat(rungs.get(rungs.size() - 1)).isEqualTo(new Rung(epochs, 1));
        int left = trials;
        for (Rung rung : rungs.subList(0, rungs.size() - 1)) {
            assertThat(rung.survivors()).isEqualTo(Math.max(1, left / reduction));
            left = rung.survivors();
        }
    }

    @Test
    void cutsAllButTheBestAndRanksThem() throws InvalidMessage {
        SweepEvent sweep = sweep(9, null);
        List<Candidate> candidates = Candidate.of(sweep.plan());
        Scoreboard board = new Scoreboard(sweep, candidates);

        assertThat(board.begin(new Rung(1, 3))).hasSize(9);
        for (int number : List.of(4, 0, 8, 1, 7, 2, 6, 3)) {
            board.rest(number, 1, loss((number * 5) % 9), false);
        }
        board.fail(5, "too hot");
        assertThat(board.ahead()).containsExactlyInAnyOrder(0, 2, 4);
        board.cut();
        assertThat(states(board.trials()))
                .containsEntry(TrialState.WAITING, 3L)
                .containsEntry(TrialState.STOPPED, 5L)
                .containsEntry(TrialState.FAILED, 1L);
        assertThat(board.best()).isEmpty();

        assertThat(board.begin(new Rung(3, 1))).containsExactly(0, 2, 4);
        board.rest(0, 3, loss(0.5), true);
        board.rest(2, 3, loss(0.25), true);
        board.rest(4, 3, loss(0.25), true);
        board.cut();
        assertThat(board.best()).map(Trial::number).contains(2);
        assertThat(Ranking.of(board.trials(), sweep.plan().metric()))
                .extracting(Trial::number)
                .containsExactly(2, 4, 0, 6, 8, 1, 3, 7);
    }

    @Test
    void goesOnWhereItWas() throws InvalidMessage {
        SweepEvent sweep = sweep(4, null);
        List<Candidate> candidates = Candidate.of(sweep.plan());
        Scoreboard board = new Scoreboard(sweep, candidates);
        board.begin(new Rung(1, 2));
        board.rest(0, 1, loss(3), false);
        board.rest(1, 1, loss(1), false);
        board.start(2);

        Scoreboard resumed = new Scoreboard(sweep(4, board.trials()), candidates);
        assertThat(resumed.begin(new Rung(1, 2))).containsExactly(2, 3);
        assertThat(resumed.ahead()).containsExactlyInAnyOrder(0, 1);
        resumed.rest(2, 1, loss(2), false);
        resumed.rest(3, 1, loss(4), false);
        resumed.cut();
        assertThat(resumed.begin(new Rung(3, 1))).containsExactly(1, 2);
    }

    private static List<Rung> rungs(int trials, int minEpochs, int reduction, int epochs) throws InvalidMessage {
        SweepPlan plan = CandidateTest.plan(
                "{search: asha, recipe: {epochs: %d}, budget: {min_epochs: %d, reduction: %d}, space: {seed: [1]}}"
                        .formatted(epochs, minEpochs, reduction));
        return Rung.of(plan, trials);
    }

    private static SweepEvent sweep(int trials, List<Trial> known) throws InvalidMessage {
        SweepPlan plan = CandidateTest.plan(
                "{trials: %d, space: {optimizer.learning_rate: {min: 1e-4, max: 1e-2}}}".formatted(trials));
        return new SweepEvent("s", "d", "m", plan, State.RUNNING, known, null, null, null, Instant.EPOCH);
    }

    private static Map<String, Double> loss(double value) {
        return Map.of("validation_loss", value);
    }

    private static Map<TrialState, Long> states(List<Trial> trials) {
        return trials.stream().collect(Collectors.groupingBy(Trial::state, Collectors.counting()));
    }
}
