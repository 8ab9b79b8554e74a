package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.StepResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a head over stored features: each update takes the label positions of a few examples, in an order that is a pure
 * function of the recipe's seed. So the same features and recipe give the same head, bit for bit, however often training was
 * interrupted.
 */
public final class HeadTraining {

    /** What the outside wants to know. */
    public interface Listener {
        /** An update was made. */
        void onStep(TrainingPosition position, int epoch, double loss, double learningRate);

        /** An epoch ended; {@code trainLoss} is its mean loss a label position. */
        void onEpoch(TrainingPosition position, int epoch, double trainLoss);

        /** The state is worth saving; called between two updates. */
        void onState(TrainingPosition position);
    }

    private final Recipe recipe;
    private final int dModel;
    private final List<Example> examples;
    private final HeadTrainer trainer;
    private final Cancellation cancellation;
    private final Duration stateInterval;

    /**
     * @param examples the training split in canonical order
     * @param trainer the head and its optimiser, restored to where training goes on
     * @param stateInterval how long training goes on before {@link Listener#onState}
     */
    public HeadTraining(
            Recipe recipe,
            int dModel,
            List<Example> examples,
            HeadTrainer trainer,
            Cancellation cancellation,
            Duration stateInterval) {
        this.recipe = recipe;
        this.dModel = dModel;
        this.examples = List.copyOf(examples);
        this.trainer = trainer;
        this.cancellation = cancellation;
        this.stateInterval = stateInterval;
    }

    /** Returns the updates of an epoch; the last one may have fewer examples. */
    public int stepsPerEpoch() {
        return (examples.size() + recipe.batchSize() - 1) / recipe.batchSize();
    }

    /** Returns the updates of the whole run. */
    public long steps() {
        return (long) stepsPerEpoch() * recipe.epochs();
    }

    /**
     * Trains from {@code start} to the end.
     *
     * @throws Cancelled when asked to stop; the last saved state stays good
     */
    public void run(TrainingPosition start, Listener listener) {
        LearningRate learningRate = LearningRate.of(recipe, steps());
        TrainingPosition position = start;
        long saved = System.nanoTime();
        int firstEpoch = (int) (start.step() / stepsPerEpoch()) + 1;
        for (int epoch = firstEpoch; epoch <= recipe.epochs(); epoch++) {
            int[] order = ShuffleBuffer.order(examples.size(), recipe.shuffleBuffer(), recipe.seed(), epoch);
            long end = (long) epoch * stepsPerEpoch();
            while (position.step() < end) {
                cancellation.check();
                int from = (int) (position.step() % stepsPerEpoch()) * recipe.batchSize();
                Minibatch batch = minibatch(order, from);
                double rate = learningRate.at(position.step());
                StepResult result = trainer.step(batch.states(), batch.labels(), (float) rate);
                position = position.after(result.loss(), batch.labels().length);
                listener.onStep(position, epoch, result.loss(), rate);
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

    /** Returns the mean loss a label position of {@code split} under the head as it is now, in nats. */
    public double loss(List<Example> split) {
        double sum = 0;
        long positions = 0;
        int chunk = 256;
        for (int from = 0; from < split.size(); from += chunk) {
            cancellation.check();
            Minibatch batch = Minibatch.of(split.subList(from, Math.min(from + chunk, split.size())), dModel);
            sum += trainer.loss(batch.states(), batch.labels()) * batch.labels().length;
            positions += batch.labels().length;
        }
        return sum / positions;
    }

    private Minibatch minibatch(int[] order, int from) {
        List<Example> chosen = new ArrayList<>();
        for (int i = from; i < Math.min(from + recipe.batchSize(), order.length); i++) {
            chosen.add(examples.get(order[i]));
        }
        return Minibatch.of(chosen, dModel);
    }
}
