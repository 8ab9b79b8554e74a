package dev.squadron.seq2seq.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.golden.Golden;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeadTrainerTest {
    private static final int VOCAB = 700;
    private static final int D_MODEL = 24;
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
            assertThat(weights(trainer)).isEqualTo(undisturbed).isNotEqualTo(numbers(VOCAB * D_MODEL, 1));
        }
    }

    @Test
    void refusesTheStateOfAnotherRule() throws IOException {
        Path state = folder.resolve("state.safetensors");
        try (HeadTrainer trainer = trainer(OptimizerSpec.adafactor())) {
            trainer.save(state);
        }
        try (HeadTrainer trainer = trainer(OptimizerSpec.adamKeras())) {
            assertThatThrownBy(() -> trainer.restore(state))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("first_moment")
                    .hasMessageContaining("another optimizer");
        }
    }

    private HeadTrainer trainer(OptimizerSpec spec) {
        try (Head head = Head.of(numbers(VOCAB * D_MODEL, 1), VOCAB, D_MODEL)) {
            return new HeadTrainer(config, head, spec, Threads.perCore());
        }
    }

    private static void train(HeadTrainer trainer, int from, int to) {
        for (int i = from; i < to; i++) {
            int[] labels = new Random(i).ints(POSITIONS, 0, VOCAB).toArray();
            trainer.step(numbers(POSITIONS * D_MODEL, 100 + i), labels, 0.01f);
        }
    }

    private static float[] weights(HeadTrainer trainer) {
        try (Head head = trainer.head()) {
            return head.toArray();
        }
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
