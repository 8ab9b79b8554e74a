package dev.squadron.trainer.domain.continuous;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When and how new records are folded into the head of a model.
 *
 * @param model its name
 * @param streams the data sets whose new records are folded in; none: nothing is
 * @param records how many new records are enough for a fold
 * @param after how long the first one waits for others
 * @param recipe how a fold learns; with a number of steps
 * @param replay least share of what a fold learns from that is old
 * @param gate what a head must not lose to go live
 */
public record FoldPlan(
        String model, List<String> streams, int records, Duration after, Recipe recipe, double replay, Gate gate) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    public FoldPlan {
        if (recipe.tune() != Tune.HEAD || recipe.steps() == null) {
            throw new IllegalArgumentException(
                    "The recipe of continuous mode must train the head, and for a number of steps; begin it with preset:"
                            + " continuous.");
        }
    }

    /**
     * Returns the run that folds new examples into the live head; none where no run has made a head that they could be folded into.
     *
     * @param runs the last event of each run
     * @param live null: the model's own head
     * @param fresh where the new examples stand
     */
    public Optional<RunEvent> fold(List<RunEvent> runs, CheckpointRef live, List<PartitionRange> fresh, Instant now) {
        Folds folds = new Folds(runs, model);
        return folds.dataset(live)
                .map(dataset -> new RunEvent(
                        "fold-" + STAMP.format(now),
                        dataset,
                        model,
                        sized(fresh, folds.count()),
                        State.REQUESTED,
                        null,
                        null,
                        now,
                        new Fold(streams, live, fresh, folds.taught(live), replay, gate, null)));
    }

    /** Each fold draws other old examples, and has the steps that its new ones need. */
    private Recipe sized(List<PartitionRange> fresh, long seed) {
        long records = fresh.stream().mapToLong(PartitionRange::records).sum();
        double newOnesOfAStep = recipe.batchSize() * recipe.accumulation().steps() * (1 - replay);
        long steps = Math.max(recipe.steps(), (long) Math.ceil(FoldExamples.places(records) / newOnesOfAStep));
        try {
            return recipe.with(Map.of("seed", seed, "steps", steps));
        } catch (InvalidMessage e) {
            throw new IllegalStateException("Any recipe can be longer: " + e.getMessage(), e);
        }
    }
}
