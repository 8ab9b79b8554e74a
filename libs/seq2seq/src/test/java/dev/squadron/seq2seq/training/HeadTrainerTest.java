package dev.squadron.seq2seq.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.golden.Golden;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeadTrainerTest {
    /** More than two blocks of rows. */
    private static final int VOCAB = 5001;

    private static final int D_MODEL = 120;
    private static final int POSITIONS = 9;

    private final ModelConfig config = ModelConfig.read(Golden.suite().resolve("flan-t5"));

    @TempDir
    private Path folder;

    static Stream<OptimizerSpec> rules() {
        return Stream.of(
                OptimizerSpec.sgd(0),
                OptimizerSpec.sgd(0.9f),
                OptimizerSpec.adamKeras(),
                OptimizerSpec.adam().withClipNorm(0.1f),
                OptimizerSpec.adamW(),
                OptimizerSpec.lamb(),
                OptimizerSpec.adafactor());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void goesOnAsIfItHadNeverStopped(OptimizerSpec spec) throws IOException {
        Path state = folder.resolve("state.safetensors");
        float[] undisturbed;
        try (HeadTrainer trainer = trainer(spec)) {
            train(trainer, 0, 4);
            trainer.save(state);
            train(trainer, 4, 8);
            undisturbed = weights(trainer);
        }
        try (HeadTrainer trainer = trainer(spec)) {
            train(trainer, 20, 22);
            trainer.restore(state);
            train(trainer, 4, 8);
            assertThat(weights(trainer)).isEqualTo(undisturbed).isNotEqualTo(initial());
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void isTheSameWithAnyNumberOfThreads(OptimizerSpec spec) {
        try (HeadTrainer one = trainer(spec, 0.1, new Threads(1, 1));
                HeadTrainer several = trainer(spec, 0.1, new Threads(1, 3))) {
            train(one, 0, 4);
            train(several, 0, 4);
            assertThat(weights(several)).isEqualTo(weights(one));
        }
    }

    @Test
    void learnsBySmoothedLabelsAndWeights() {
        float[] weights = PositionWeights.means(2, 3, 4);
        double[] head = doubles(initial());
        try (HeadTrainer trainer = trainer(OptimizerSpec.sgd(0), 0.2, Threads.perCore())) {
            StepResult result = trainer.step(states(1), labels(1), weights, 0.5f);
            Reference reference = Reference.of(head, doubles(states(1)), labels(1), doubles(weights), 0.2);
            assertThat(result.loss()).isCloseTo(reference.loss(), within(1e-5));
            assertThat(result.gradientNorm()).isCloseTo(reference.norm(), within(1e-5));
            double[] expected = new double[head.length];
            Arrays.setAll(expected, i -> head[i] - 0.5 * reference.gradient()[i]);
            assertThat(doubles(weights(trainer))).containsExactly(expected, within(2e-6));
            assertThat(trainer.loss(states(2), labels(2)))
                    .isCloseTo(
                            Reference.of(
                                            expected,
                                            doubles(states(2)),
                                            labels(2),
                                            doubles(PositionWeights.tokens(POSITIONS)),
                                            0)
                                    .loss(),
                            within(1e-5));
        }
    }

    @Test
    void refusesToSmoothLabelsAway() {
        assertThatThrownBy(() -> trainer(OptimizerSpec.adamKeras(), 1, Threads.perCore()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("label smoothing is 1.0")
                .hasMessageContaining("below 1");
    }

    @Test
    void refusesTheStateOfAnotherRule() throws IOException {
        Path state = folder.resolve("state.safetensors");
        try (HeadTrainer trainer = trainer(OptimizerSpec.sgd(0.9f))) {
            trainer.save(state);
        }
        try (HeadTrainer trainer = trainer(OptimizerSpec.adamKeras())) {
            assertThatThrownBy(() -> trainer.restore(state))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("weights.0/first_moment")
                    .hasMessageContaining("another optimizer");
        }
    }

    /** Loss, gradient and its norm as transformers' LabelSmoother defines them, in doubles. */
    private record Reference(double loss, double[] gradient, double norm) {
        static Reference of(double[] head, double[] states, int[] labels, double[] weights, double smoothing) {
            double loss = 0;
            double[] gradient = new double[head.length];
            for (int position = 0; position < labels.length; position++) {
                double[] logits = new double[VOCAB];
                for (int id = 0; id < VOCAB; id++) {
                    for (int i = 0; i < D_MODEL; i++) {
                        logits[id] += head[id * D_MODEL + i] * states[position * D_MODEL + i];
                    }
                }
                double logSumExp = Math.log(Arrays.stream(logits).map(Math::exp).sum());
                double nll = logSumExp - logits[labels[position]];
                double mean = logSumExp - Arrays.stream(logits).average().orElseThrow();
                loss += weights[position] * ((1 - smoothing) * nll + smoothing * mean);
                for (int id = 0; id < VOCAB; id++) {
                    double target = smoothing / VOCAB + (id == labels[position] ? 1 - smoothing : 0);
                    double g = weights[position] * (Math.exp(logits[id] - logSumExp) - target);
                    for (int i = 0; i < D_MODEL; i++) {
                        gradient[id * D_MODEL + i] += g * states[position * D_MODEL + i];
                    }
                }
            }
            return new Reference(
                    loss,
                    gradient,
                    Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum()));
        }
    }

    private HeadTrainer trainer(OptimizerSpec spec) {
        return trainer(spec, 0, Threads.perCore());
    }

    private HeadTrainer trainer(OptimizerSpec spec, double labelSmoothing, Threads threads) {
        try (Head head = Head.of(initial(), VOCAB, D_MODEL)) {
            return new HeadTrainer(config, head, spec, labelSmoothing, threads);
        }
    }

    private static void train(HeadTrainer trainer, int from, int to) {
        for (int i = from; i < to; i++) {
            trainer.step(states(i), labels(i), 0.01f);
        }
    }

    private static float[] states(int batch) {
        return numbers(POSITIONS * D_MODEL, 100 + batch);
    }

    private static int[] labels(int batch) {
        return new Random(batch).ints(POSITIONS, 0, VOCAB).toArray();
    }

    private static float[] initial() {
        float[] head = numbers(VOCAB * D_MODEL, 1);
        for (int i = 0; i < head.length; i++) {
            head[i] *= 0.1f;
        }
        return head;
    }

    private static float[] weights(HeadTrainer trainer) {
        try (Head head = trainer.head()) {
            return head.toArray();
        }
    }

    private static double[] doubles(float[] floats) {
        double[] doubles = new double[floats.length];
        Arrays.setAll(doubles, i -> floats[i]);
        return doubles;
    }

    private static float[] numbers(int count, long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
