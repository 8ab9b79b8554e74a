package dev.squadron.trainer.domain.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is folded next is found in the runs. */
class FoldsTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final FoldPlan PLAN = new FoldPlan(
            "squadlet",
            List.of("feedback"),
            32,
            Duration.ofSeconds(5),
            Recipe.preset("continuous"),
            0.75,
            new Gate(null, null));

    private final List<RunEvent> runs = new ArrayList<>();

    @Test
    void thereIsNothingToFoldIntoBeforeARunHasSucceeded() {
        assertThat(PLAN.fold(runs, null, List.of(range(0, 1)), NOW)).isEmpty();

        run("handbook", State.FAILED, null);
        assertThat(PLAN.fold(runs, null, List.of(range(0, 1)), NOW)).isEmpty();

        run("handbook", State.SUCCEEDED, "r1");
        RunEvent fold = PLAN.fold(runs, ref("r1"), List.of(range(0, 1)), NOW).orElseThrow();
        assertThat(fold.dataset()).isEqualTo("handbook");
        assertThat(fold.fold().parent()).isEqualTo(ref("r1"));
        assertThat(fold.fold().learned()).isEmpty();
    }

    @Test
    void whereNoRunHasMadeTheHeadTheLastRunTellsTheDataSet() throws Exception {
        run("handbook", State.SUCCEEDED, "r1");
        runs.add(new RunEvent(
                "adapter", "letters", "squadlet", Recipe.preset("lora"), State.SUCCEEDED, "r2", null, NOW));

        assertThat(new Folds(runs, "squadlet").dataset(ref("imported"))).contains("letters");
        assertThat(new Folds(runs, "squadlet").dataset(ref("r1"))).contains("handbook");
        assertThat(new Folds(runs, "squadlet").dataset(null)).contains("letters");
    }

    @Test
    void refusedExamplesAreDoneWithAndNeverReplayed() {
        run("handbook", State.SUCCEEDED, "r1");
        fold(ref("r1"), List.of(), range(4, 5), State.SUCCEEDED, "f1", true);
        fold(ref("f1"), List.of(range(4, 5)), range(7, 9), State.SUCCEEDED, "f2", false);
        fold(ref("f1"), List.of(range(4, 5)), range(11, 12), State.SUCCEEDED, "f3", true);

        Folds folds = new Folds(runs, "squadlet");
        assertThat(folds.position()).isEqualTo(Map.of(0, 12L));
        assertThat(folds.taught(ref("f3"))).containsExactly(range(4, 5), range(11, 12));
    }

    @Test
    void admittedRangesAreJoinedWhereNothingIsLeftOutBetweenThem() {
        run("handbook", State.SUCCEEDED, "r1");
        fold(ref("r1"), List.of(), range(4, 5), State.SUCCEEDED, "f1", true);
        fold(ref("f1"), List.of(range(4, 5)), range(7, 9), State.SUCCEEDED, "f2", true);

        assertThat(new Folds(runs, "squadlet").taught(ref("f2"))).containsExactly(new PartitionRange(0, 4, 9, 2));
    }

    @Test
    void whatWasRolledBackIsNotReplayedAndWhatARunHasReplacedIs() {
        run("handbook", State.SUCCEEDED, "r1");
        fold(ref("r1"), List.of(), range(4, 5), State.SUCCEEDED, "f1", true);
        Folds folds = new Folds(runs, "squadlet");
        assertThat(folds.taught(ref("r1"))).isEmpty();
        assertThat(folds.taught(null)).isEmpty();

        run("handbook-2", State.SUCCEEDED, "r2");
        folds = new Folds(runs, "squadlet");
        assertThat(folds.taught(ref("r2"))).containsExactly(range(4, 5));
        assertThat(folds.dataset(ref("f1"))).isEqualTo(Optional.of("handbook"));
        assertThat(folds.dataset(ref("r2"))).isEqualTo(Optional.of("handbook-2"));
    }

    @Test
    void whatFailedOrWasOvertakenIsNotDoneWith() {
        run("handbook", State.SUCCEEDED, "r1");
        fold(ref("r1"), List.of(), range(4, 5), State.FAILED, null, null);
        fold(ref("r1"), List.of(), range(7, 8), State.SUCCEEDED, "f2", null);

        Folds folds = new Folds(runs, "squadlet");
        assertThat(folds.position()).isEmpty();
        assertThat(folds.failed()).containsExactly(range(4, 5));

        fold(ref("r1"), List.of(), range(4, 8), State.CANCELLED, null, null);
        assertThat(new Folds(runs, "squadlet").position()).isEqualTo(Map.of(0, 8L));
    }

    @Test
    void aLargeFoldHasAsManyStepsAsItNeedsAndEachAnotherSeed() {
        run("handbook", State.SUCCEEDED, "r1");
        Recipe small = PLAN.fold(runs, ref("r1"), List.of(range(4, 5)), NOW)
                .orElseThrow()
                .recipe();
        Recipe large = PLAN.fold(runs, ref("r1"), List.of(new PartitionRange(0, 4, 5, 60)), NOW)
                .orElseThrow()
                .recipe();
        fold(ref("r1"), List.of(), range(4, 5), State.SUCCEEDED, "f1", true);

        assertThat(small.steps()).isEqualTo(PLAN.recipe().steps());
        assertThat(large.steps() * large.batchSize() * 0.25).isBetween(1_920.0, 1_924.0);
        assertThat(PLAN.fold(runs, ref("f1"), List.of(range(7, 8)), NOW)
                        .orElseThrow()
                        .recipe()
                        .seed())
                .isNotEqualTo(small.seed());
    }

    @Test
    void aRecipeThatIsNoFoldsIsRefused() {
        assertThatThrownBy(() -> new FoldPlan(
                        "squadlet",
                        List.of("feedback"),
                        32,
                        Duration.ofSeconds(5),
                        Recipe.tutorial(),
                        0.75,
                        new Gate(null, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("preset: continuous");
    }

    private void run(String dataset, State state, String checkpoint) {
        runs.add(new RunEvent(
                "run-" + runs.size(), dataset, "squadlet", Recipe.tutorial(), state, checkpoint, null, NOW));
    }

    private void fold(
            CheckpointRef parent,
            List<PartitionRange> learned,
            PartitionRange fresh,
            State state,
            String checkpoint,
            Boolean admitted) {
        runs.add(new RunEvent(
                "fold-" + runs.size(),
                "handbook",
                "squadlet",
                Recipe.preset("continuous"),
                state,
                checkpoint,
                null,
                NOW,
                new Fold(List.of("feedback"), parent, List.of(fresh), learned, null, new Gate(null, null), admitted)));
    }

    private static CheckpointRef ref(String id) {
        return new CheckpointRef(id, "checkpoints/squadlet/" + id + "/squadron.json", "00");
    }

    private static PartitionRange range(long from, long to) {
        return new PartitionRange(0, from, to, 1);
    }
}
