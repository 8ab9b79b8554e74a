package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.learning.Snapshots;
import dev.squadron.trainer.domain.learning.TrainingLoop;
import dev.squadron.trainer.domain.learning.TrainingPosition;
import dev.squadron.trainer.domain.validation.Validation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Trains from the last saved state of a run, and saves states on the way. */
final class Training {
    private final RunStates states;
    private final Validation validation;
    private final Duration stateInterval;
    private final TrainerObserver observer;

    /** @param stateInterval how long training goes on before its state is saved */
    Training(RunStates states, Validation validation, Duration stateInterval, TrainerObserver observer) {
        this.states = states;
        this.validation = validation;
        this.stateInterval = stateInterval;
        this.observer = observer;
    }

    /** When states are saved. */
    enum Saving {
        /** After some time, and at the end of each epoch. */
        EACH_EPOCH,
        /** After some time. */
        SELDOM
    }

    /**
     * Where training has come to.
     *
     * @param position what is saved with a state
     * @param epochs those gone through, the last one perhaps not to its end
     */
    record Rest(TrainingPosition position, int epochs) {}

    /**
     * Trains to the end of an epoch, unless the recipe ends before.
     *
     * @param learner is taken to where training stands
     * @param snapshots likewise
     * @param epochs those to go through in all
     * @throws Cancelled when asked to stop
     */
    Rest run(
            RunEvent run,
            Dataset dataset,
            Learner learner,
            Snapshots snapshots,
            int epochs,
            Saving saving,
            Cancellation cancellation,
            StageProgress progress) {
        TrainingPosition start = states.restore(run.run(), learner, snapshots);
        TrainingLoop loop = new TrainingLoop(run.recipe(), learner, cancellation, stateInterval);
        TrainingPosition end = loop.run(start, epochs, new TrainingLoop.Listener() {
            private long saved = System.nanoTime();
            private long examples;

            @Override
            public void onStep(TrainingPosition position, int epoch, StepResult result, double learningRate) {
                observer.updated(loop.examples() - examples);
                examples = loop.examples();
                progress.step(epoch, position.step(), loop.steps(), examples, loop.tokens(), result, learningRate);
            }

            @Override
            public Map<String, Double> onEpoch(TrainingPosition position, int epoch, double trainLoss) {
                snapshots.onEpoch(epoch, learner);
                Map<String, Double> metrics = validation.measure(
                        learner, dataset.validation(), run.recipe().metric(), cancellation);
                Map<String, Double> told = new HashMap<>(metrics);
                told.put("train_loss", trainLoss);
                progress.epoch(epoch, position.step(), loop.steps(), told);
                return metrics;
            }

            @Override
            public void onBest(int epoch) {
                snapshots.onBest(learner);
            }

            @Override
            public void onState(TrainingPosition position) {
                long now = System.nanoTime();
                if (saving == Saving.EACH_EPOCH || now - saved > stateInterval.toNanos()) {
                    states.save(run.run(), learner, snapshots, position);
                    saved = now;
                }
            }
        });
        return new Rest(end, loop.epochs(end));
    }
}
