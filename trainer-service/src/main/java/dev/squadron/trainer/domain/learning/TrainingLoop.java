package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.EarlyStopping;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.trainer.domain.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * Goes through the examples as a recipe says. The order is a pure function of the recipe's seed, so the same examples and recipe
 * give the same weights, bit for bit, however often training was interrupted.
 */
public final class TrainingLoop {

    /** What the outside wants to know, and knows. */
    public interface Listener {
        /** An update was made. */
        void onStep(TrainingPosition position, int epoch, StepResult result, double learningRate);

        /**
         * An epoch ended.
         *
         * @param trainLoss its mean loss a label token
         * @return the metrics of the validation split, by name; empty without one
         */
        Map<String, Double> onEpoch(TrainingPosition position, int epoch, double trainLoss);

        /** The weights at the end of {@code epoch} are the best so far. */
        void onBest(int epoch);

        /** The state is worth saving; called between two updates. */
        void onState(TrainingPosition position);
    }

    private final Recipe recipe;
    private final Learner learner;
    private final Cancellation cancellation;
    private final Duration stateInterval;
    private long examples;
    private long tokens;

    /**
     * @param learner restored to where training goes on
     * @param stateInterval how long training goes on before {@link Listener#onState}
     */
    public TrainingLoop(Recipe recipe, Learner learner, Cancellation cancellation, Duration stateInterval) {
        this.recipe = recipe;
        this.learner = learner;
        this.cancellation = cancellation;
        this.stateInterval = stateInterval;
    }

    /** Returns the updates of an epoch; the last one may have fewer examples. */
    public int stepsPerEpoch() {
        int update = updateSize();
        return (learner.examples() + update - 1) / update;
    }

    /** Returns the updates of the whole run, if nothing ends it early. */
    public long steps() {
        return recipe.steps() == null ? (long) stepsPerEpoch() * recipe.epochs() : recipe.steps();
    }

    /** Returns the examples that have been learned from since this began. */
    public long examples() {
        return examples;
    }

    /** Returns the tokens that have been computed since this began. */
    public long tokens() {
        return tokens;
    }

    /** Returns the epochs that were gone through, the last one perhaps not to its end. */
    public int epochs(TrainingPosition position) {
        return (int) ((position.step() + stepsPerEpoch() - 1) / stepsPerEpoch());
    }

    /**
     * Trains from {@code start} to the end of an epoch, unless the recipe ends before.
     *
     * @param epochs those to go through in all; every rate is what it is without this bound
     * @return where training has come to
     * @throws dev.squadron.trainer.domain.Cancelled when asked to stop; the last saved state stays good
     */
    public TrainingPosition run(TrainingPosition start, int epochs, Listener listener) {
        LearningRate learningRate = LearningRate.of(recipe, steps());
        TrainingPosition position = start;
        long last = Math.min(steps(), (long) epochs * stepsPerEpoch());
        long saved = System.nanoTime();
        while (position.step() < last && !isExhausted(position)) {
            int epoch = (int) (position.step() / stepsPerEpoch()) + 1;
            int[] order = EpochOrder.of(recipe, learner.examples(), learner::tokens, epoch);
            long end = Math.min(steps(), (long) epoch * stepsPerEpoch());
            while (position.step() < end) {
                cancellation.check();
                List<int[]> batches = batches(order, (int) (position.step() % stepsPerEpoch()));
                double rate = learningRate.at(position.step());
                StepResult result = learner.step(batches, rate);
                position = position.after(result.loss(), sum(batches, learner::labelTokens));
                examples += sum(batches, place -> 1);
                tokens += sum(batches, learner::tokens);
                listener.onStep(position, epoch, result, rate);
                if (position.step() < end && System.nanoTime() - saved > stateInterval.toNanos()) {
                    listener.onState(position);
                    saved = System.nanoTime();
                }
            }
            position = endEpoch(position, epoch, listener);
            listener.onState(position);
            saved = System.nanoTime();
        }
        return position;
    }

    private TrainingPosition endEpoch(TrainingPosition position, int epoch, Listener listener) {
        Metric metric = recipe.metric();
        Double now = listener.onEpoch(position, epoch, position.meanLoss()).get(metric.label());
        if (now == null) {
            return position.nextEpoch(null, 0);
        }
        if (position.best() == null || metric.gain(now, position.best()) > minDelta()) {
            listener.onBest(epoch);
            return position.nextEpoch(now, 0);
        }
        return position.nextEpoch(position.best(), position.epochsWithoutGain() + 1);
    }

    private boolean isExhausted(TrainingPosition position) {
        EarlyStopping stopping = recipe.earlyStopping();
        return stopping != null && position.epochsWithoutGain() >= stopping.patience();
    }

    private double minDelta() {
        return recipe.earlyStopping() == null ? 0 : recipe.earlyStopping().minDelta();
    }

    private int updateSize() {
        return Math.multiplyExact(recipe.batchSize(), recipe.accumulation().steps());
    }

    /** Returns the mini-batches of an update. */
    private List<int[]> batches(int[] order, int update) {
        List<int[]> batches = new ArrayList<>();
        int end = Math.min((update + 1) * updateSize(), order.length);
        for (int from = update * updateSize(); from < end; from += recipe.batchSize()) {
            batches.add(Arrays.copyOfRange(order, from, Math.min(from + recipe.batchSize(), end)));
        }
        return batches;
    }

    private static int sum(List<int[]> batches, IntUnaryOperator count) {
        return batches.stream().flatMapToInt(Arrays::stream).map(count).sum();
    }
}
