package dev.squadron.benchmarks.peers;

import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.t5.T5Config;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Squadron's way to train a head: the backbone once over everything, then the head over the stored states. */
final class OwnTraining {
    /** Examples of an update. */
    static final int BATCH = 8;

    /** Forward passes at a time. */
    static final int LANES = Runtime.getRuntime().availableProcessors();

    private static final int WARM_UP = 64;

    private static final float LEARNING_RATE = 3e-5f;

    private final Seq2SeqModel model;

    /** The states of one example's labels. */
    private record Feature(float[] states, int[] labels) {}

    /**
     * A run from tokens to the trained head.
     *
     * @param featureSeconds the backbone, over training and validation examples
     * @param headSeconds all updates
     * @param validationSeconds validation loss after each epoch
     * @param steps updates
     * @param lossBefore mean validation loss a label token
     * @param lossAfter the same with the trained head
     */
    record Run(
            double featureSeconds,
            double headSeconds,
            double validationSeconds,
            int steps,
            double lossBefore,
            double lossAfter) {

        double seconds() {
            return featureSeconds + headSeconds + validationSeconds;
        }
    }

    OwnTraining(Seq2SeqModel model) {
        this.model = model;
    }

    /** Returns the seconds that the backbone takes for {@code examples}, the batches shared by so many callers. */
    double forwardSeconds(Examples examples, List<int[]> batches, int callers) throws Exception {
        long began = System.nanoTime();
        features(examples, batches, callers);
        return seconds(began);
    }

    /** Returns what the model has to compute. */
    Arithmetic arithmetic() {
        return new Arithmetic((T5Config) model.config());
    }

    /** Trains with the tutorial's recipe. */
    Run run(Examples train, Examples validation, int epochs) throws Exception {
        Examples first = train.first(WARM_UP);
        forwardSeconds(first, first.packed(), LANES);
        long began = System.nanoTime();
        List<Feature> learned = features(train, train.packed(), LANES);
        List<Feature> validated = features(validation, validation.packed(), LANES);
        double featureSeconds = seconds(began);
        double headSeconds = 0;
        double validationSeconds = 0;
        int steps = 0;
        try (HeadTrainer trainer =
                new HeadTrainer(model.config(), model.pretrainedHead(), OptimizerSpec.adamKeras(), Threads.perCore())) {
            double lossBefore = loss(trainer, validated);
            double lossAfter = lossBefore;
            List<Feature> order = new ArrayList<>(learned);
            for (int epoch = 1; epoch <= epochs; epoch++) {
                Collections.shuffle(order, new Random(epoch));
                long epochBegan = System.nanoTime();
                for (int from = 0; from < order.size(); from += BATCH, steps++) {
                    List<Feature> batch = order.subList(from, Math.min(from + BATCH, order.size()));
                    trainer.step(states(batch), labels(batch), LEARNING_RATE);
                }
                headSeconds += seconds(epochBegan);
                long validationBegan = System.nanoTime();
                lossAfter = loss(trainer, validated);
                validationSeconds += seconds(validationBegan);
            }
            return new Run(featureSeconds, headSeconds, validationSeconds, steps, lossBefore, lossAfter);
        }
    }

    /** Returns the bytes that an update reads and writes: the head for the logits, then the head and two moments both ways. */
    double bytesOfStep() {
        Head head = model.pretrainedHead();
        return 7.0 * head.vocabSize() * head.dModel() * Float.BYTES;
    }

    private List<Feature> features(Examples examples, List<int[]> batches, int callers) throws Exception {
        Feature[] features = new Feature[examples.size()];
        List<Callable<Void>> work = new ArrayList<>();
        for (int[] batch : batches) {
            work.add(() -> {
                DecoderStates states = model.decoderStates(
                        Arrays.stream(batch).mapToObj(examples.inputs()::get).toArray(int[][]::new),
                        Arrays.stream(batch).mapToObj(examples.labels()::get).toArray(int[][]::new));
                for (int row = 0; row < batch.length; row++) {
                    features[batch[row]] = feature(states, row);
                }
                return null;
            });
        }
        ExecutorService lanes = Executors.newFixedThreadPool(callers);
        try {
            for (Future<Void> done : lanes.invokeAll(work)) {
                done.get();
            }
        } finally {
            lanes.shutdown();
        }
        return List.of(features);
    }

    private static Feature feature(DecoderStates states, int row) {
        int from = states.firstPosition()[row];
        int to = states.firstPosition()[row + 1];
        return new Feature(
                Arrays.copyOfRange(states.states(), from * states.dModel(), to * states.dModel()),
                Arrays.copyOfRange(states.labels(), from, to));
    }

    private static double loss(HeadTrainer trainer, List<Feature> features) {
        double sum = 0;
        int positions = 0;
        int chunk = 256;
        for (int from = 0; from < features.size(); from += chunk) {
            List<Feature> some = features.subList(from, Math.min(from + chunk, features.size()));
            int[] labels = labels(some);
            sum += trainer.loss(states(some), labels) * labels.length;
            positions += labels.length;
        }
        return sum / positions;
    }

    private static float[] states(List<Feature> features) {
        float[] all = new float
                [features.stream().mapToInt(each -> each.states().length).sum()];
        int at = 0;
        for (Feature each : features) {
            System.arraycopy(each.states(), 0, all, at, each.states().length);
            at += each.states().length;
        }
        return all;
    }

    private static int[] labels(List<Feature> features) {
        return features.stream()
                .flatMapToInt(each -> IntStream.of(each.labels()))
                .toArray();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
