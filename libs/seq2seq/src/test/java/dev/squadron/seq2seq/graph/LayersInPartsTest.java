package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.Decoder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A decoder that computes in parts, as it does with two threads, finds what one does that computes whole, as it does with one: from step to
 * step with few rows and many, and when its past changes in between.
 */
class LayersInPartsTest {
    private static final Path MODELS = Path.of(System.getProperty("squadron.home"), "samples/golden");

    private final Random random = new Random(11);

    @ParameterizedTest
    @CsvSource({
        "flan-t5, FP32, 1e-4",
        "t5-v1_0, FP32, 1e-4",
        "bart, FP32, 1e-4",
        "flan-t5, BF16, 0.05",
        "bart, BF16, 0.05"
    })
    void findWhatTheWholeDoes(String name, Precision precision, double tolerance) {
        Path directory = MODELS.resolve(name);
        ModelConfig config = ModelConfig.read(directory);
        int[][] input = {ids(40, config)};
        try (Backbone inParts = open(config, directory, precision, 2);
                Backbone whole = open(config, directory, precision, 1);
                Head head = head(config);
                Decoder found = inParts.decoder(input, head);
                Decoder expected = whole.decoder(input, head)) {
            for (int count : new int[] {1, 9, 2}) {
                compare(found, expected, ids(count, config), tolerance);
            }
            found.rewind(7);
            expected.rewind(7);
            compare(found, expected, ids(1, config), tolerance);
            found.reorder(new int[8]);
            expected.reorder(new int[8]);
            compare(found, expected, ids(8, config), tolerance);
            found.reorder(new int[] {3, 5});
            expected.reorder(new int[] {3, 5});
            compare(found, expected, ids(2, config), tolerance);
        }
    }

    private static void compare(Decoder found, Decoder expected, int[] tokens, double tolerance) {
        float[] one = logits(found, tokens);
        float[] other = logits(expected, tokens);
        double error = 0;
        double size = 0;
        for (int i = 0; i < one.length; i++) {
            error += Math.pow((double) one[i] - other[i], 2);
            size += Math.pow(other[i], 2);
        }
        assertThat(Math.sqrt(error / size)).isLessThan(tolerance);
    }

    private static Backbone open(ModelConfig config, Path directory, Precision precision, int threads) {
        Execution how = new Execution(precision, Devices.cpu(), new Threads(1, threads));
        return Backbone.open(config, WeightFiles.open(directory), how);
    }

    private static float[] logits(Decoder decoder, int[] tokens) {
        return decoder.step(tokens, IntStream.range(0, tokens.length).toArray(), 1, true)
                .logits();
    }

    private Head head(ModelConfig config) {
        float[] rows = new float[16 * config.dModel()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = random.nextFloat() - 0.5f;
        }
        Optional<float[]> bias = config.hasHeadBias() ? Optional.of(new float[16]) : Optional.empty();
        return Head.of(rows, bias, 16, config.dModel());
    }

    private int[] ids(int count, ModelConfig config) {
        return random.ints(count, 2, config.vocabSize()).toArray();
    }
}
