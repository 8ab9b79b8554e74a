package dev.squadron.trainer.domain.learning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
    private static final int[] LENGTHS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

    @TempDir
    private Path directory;

    @Test
    void takesEveryExampleOnceAnEpochInAnOrderOfTheSeed() throws Exception {
        Recipe recipe = recipe("batch_size: 4\nepochs: 2\nseed: 3");
        ToyLearner learner = train(recipe, new ToyLearner(LENGTHS));

        assertThat(learner.steps).hasSize(6);
        assertThat(places(learner, 0, 3)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(places(learner, 3, 6)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(places(learner, 0, 3)).isNotEqualTo(places(learner, 3, 6));
        assertThat(train(recipe, new ToyLearner(LENGTHS)).steps).isEqualTo(learner.steps);
    }

    @Test
    void accumulatesMiniBatchesIntoUpdates() throws Exception {
        ToyLearner learner = train(
                recipe("batch_size: 2\nepochs: 1\naccumulation: {steps: 3}\nshuffle_buffer: 1"),
                new ToyLearner(LENGTHS));

        assertThat(learner.steps)
                .containsExactly(
                        List.of(List.of(0, 1), List.of(2, 3), List.of(4, 5)), List.of(List.of(6, 7), List.of(8, 9)));
    }

    @Test
    void endsAfterTheStepsAskedForInTheMiddleOfAnEpoch() throws Exception {
        assertThat(train(recipe("batch_size: 4\nsteps: 7"), new ToyLearner(LENGTHS)).steps)
                .hasSize(7);
    }

    @Test
    void groupsExamplesOfSimilarLength() throws Exception {
        ToyLearner learner = train(
                recipe("batch_size: 2\nepochs: 1\nshuffle_buffer: 0\ngroup_by_length: true"), new ToyLearner(LENGTHS));

        List<Integer> lengths =
                places(learner, 0, 5).stream().map(place -> LENGTHS[place]).toList();
        assertThat(lengths).containsExactly(9, 6, 5, 5, 4, 3, 3, 2, 1, 1);
    }

    @Test
    void stopsWhenPatienceIsOverAndComesBackToTheBest() throws Exception {
        Recipe recipe =
                recipe("batch_size: 10\nepochs: 9\nshuffle_buffer: 1\nearly_stopping: {patience: 2}\nkeep: best");
        ToyLearner learner = train(recipe, new ToyLearner(LENGTHS, 5, 4, 4.5, 4.2, 1));
        ToyLearner two = train(recipe("batch_size: 10\nepochs: 2\nshuffle_buffer: 1"), new ToyLearner(LENGTHS, 5, 4));

        assertThat(learner.steps).hasSize(4);
        assertThat(learner.weight).isEqualTo(two.weight);
    }

    @Test
    void averagesTheLastHeads() throws Exception {
        double[] after = IntStream.rangeClosed(1, 3)
                .mapToDouble(epochs -> run(
                                "batch_size: 10\nepochs: " + epochs + "\nshuffle_buffer: 1", new ToyLearner(LENGTHS))
                        .weight)
                .toArray();

        assertThat(train(
                                recipe("batch_size: 10\nepochs: 3\nshuffle_buffer: 1\naverage_last: 2"),
                                new ToyLearner(LENGTHS))
                        .weight)
                .isEqualTo((after[1] + after[2]) / 2);
    }

    @Test
    void goesOnFromASavedStateAsIfItHadNeverStopped() throws Exception {
        Recipe recipe = recipe("batch_size: 3\nepochs: 4\nkeep: best\nseed: 5");
        ToyLearner undisturbed = train(recipe, new ToyLearner(LENGTHS, 4, 2, 3, 3.5));
        Snapshots snapshots = new Snapshots(recipe, directory.resolve("stopped"));
        ToyLearner stopped = new ToyLearner(LENGTHS, 4, 2, 3, 3.5);
        Cancellation stop = new Cancellation();
        Recorder recorder = new Recorder(stopped, snapshots, position -> {
            if (position.step() == 8) {
                stop.request();
            }
        });
        assertThatThrownBy(() -> new TrainingLoop(recipe, stopped, stop, Duration.ofHours(1))
                        .run(TrainingPosition.START, Integer.MAX_VALUE, recorder))
                .isInstanceOf(Cancelled.class);

        ToyLearner resumed = new ToyLearner(LENGTHS, 3, 3.5);
        resumed.restore(recorder.file());
        Snapshots elsewhere = new Snapshots(recipe, directory.resolve("resumed"));
        elsewhere.restore(snapshots.files());
        new TrainingLoop(recipe, resumed, new Cancellation(), Duration.ofHours(1))
                .run(recorder.last, Integer.MAX_VALUE, new Recorder(resumed, elsewhere, position -> {}));
        elsewhere.conclude(resumed);

        assertThat(resumed.weight).isEqualTo(undisturbed.weight);
    }

    private List<Integer> places(ToyLearner learner, int from, int to) {
        return learner.steps.subList(from, to).stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .toList();
    }

    private ToyLearner run(String recipe, ToyLearner learner) {
        try {
            return train(recipe(recipe), learner);
        } catch (InvalidMessage e) {
            throw new AssertionError(e);
        }
    }

    private ToyLearner train(Recipe recipe, ToyLearner learner) {
        Snapshots snapshots = new Snapshots(recipe, directory.resolve("undisturbed"));
        new TrainingLoop(recipe, learner, new Cancellation(), Duration.ofHours(1))
                .run(TrainingPosition.START, Integer.MAX_VALUE, new Recorder(learner, snapshots, position -> {}));
        snapshots.conclude(learner);
        return learner;
    }

    private static Recipe recipe(String yaml) throws InvalidMessage {
        return Recipe.read(yaml.getBytes(UTF_8), "the test's recipe");
    }

    private interface Watcher {
        void on(TrainingPosition position);
    }

    /** Keeps the last state and tells a watcher of each update. */
    private final class Recorder implements TrainingLoop.Listener {
        private final ToyLearner learner;
        private final Snapshots snapshots;
        private final Watcher watcher;
        private TrainingPosition last;

        Recorder(ToyLearner learner, Snapshots snapshots, Watcher watcher) {
            this.learner = learner;
            this.snapshots = snapshots;
            this.watcher = watcher;
        }

        Path file() {
            return directory.resolve("state");
        }

        @Override
        public void onStep(TrainingPosition position, int epoch, StepResult result, double learningRate) {
            watcher.on(position);
        }

        @Override
        public Map<String, Double> onEpoch(TrainingPosition position, int epoch, double trainLoss) {
            snapshots.onEpoch(epoch, learner);
            return learner.validates() ? Map.of("validation_loss", learner.validationLoss()) : Map.of();
        }

        @Override
        public void onBest(int epoch) {
            snapshots.onBest(learner);
        }

        @Override
        public void onState(TrainingPosition position) {
            try {
                learner.save(file());
                last = position;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
