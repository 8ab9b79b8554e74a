package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.trainer.domain.Cancellation;
import java.time.Duration;
import java.util.Arrays;

/**
 * Goes through the examples as a recipe says. The order is a pure function of the recipe's seed, so the same examples and recipe
 * give the same weights, bit for bit, however often training was interrupted.
 */
public final class TrainingLoop {

    /** What the outside wants to know. */
    public interface Listener {
        /** An update was made. */
        void onStep(TrainingPosition position, int epoch, StepResult result, double learningRate);

        /** An epoch ended; {@code trainLoss} is its mean loss a label position. */
        void onEpoch(TrainingPosition position, int epoch, double trainLoss);

        /** The state is worth saving; called between two updates. */
        void onState(TrainingPosition position);
    }

    private final Recipe recipe;
    private final Learner learner;
    private final Cancellation cancellation;
    private final Duration stateInterval;

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
        return (learner.examples() + recipe.batchSize() - 1) / recipe.batchSize();
    }

    /** Returns the updates of the whole run. */
    public long steps() {
        return (long) stepsPerEpoch() * recipe.epochs();
    }

    /**
     * Trains from {@code start} to the end.
     *
     * @throws dev.squadron.trainer.domain.Cancelled when asked to stop; the last saved state stays good
     */
    public void run(TrainingPosition start, Listener listener) {
        LearningRate learningRate = LearningRate.of(recipe, steps());
        TrainingPosition position = start;
        long saved = System.nanoTime();
        int firstEpoch = (int) (start.step() / stepsPerEpoch()) + 1;
        for (int epoch = firstEpoch; epoch <= recipe.epochs(); epoch++) {
            int[] order = ShuffleBuffer.order(learner.examples(), recipe.shuffleBuffer(), recipe.seed(), epoch);
            long end = (long) epoch * stepsPerEpoch();
            while (position.step() < end) {
                cancellation.check();
                int from = (int) (position.step() % stepsPerEpoch()) * recipe.batchSize();
                int[] batch = Arrays.copyOfRange(order, from, Math.min(from + recipe.batchSize(), order.length));
                double rate = learningRate.at(position.step());
                StepResult result = learner.step(batch, rate);
                position = position.after(
                        result.loss(),
                        Arrays.stream(batch).map(learner::positions).sum());
                listener.onStep(position, epoch, result, rate);
                if (position.step() < end && System.nanoTime() - saved > stateInterval.toNanos()) {
                    listener.onState(position);
                    saved = System.nanoTime();
                }
            }
            listener.onEpoch(position, epoch, position.meanLoss());
            position = position.nextEpoch();
            listener.onState(position);
            saved = System.nanoTime();
        }
    }
}
