package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.RelativeError;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.Decoder;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A decoder that computes in parts, as it does with two threads, finds what one does that computes whole, as it does with one: from step to
 * step with few rows and many, and when its past changes in between.
 */
class LayersInPartsTest {
    private static final Path MODELS = Path.of(System.getProperty("squadron.home"), "samples/golden");

    @ParameterizedTest
    @CsvSource({
        "flan-t5, FP32, 1e-4",
        "t5-v1_0, FP32, 1e-4",
        "bart, FP32, 1e-4",
        "flan-t5, BF16, 0.05",
        "bart, BF16, 0.05",
        "flan-t5, INT8, 0.2",
        "bart, INT8, 0.2"
    })
    void findWhatTheWholeDoes(String name, Precision precision, double tolerance) {
        assumeTrue(precision != Precision.INT8 || Processor.hasVnni(), "this processor has no VNNI");
        Path directory = MODELS.resolve(name);
        ModelConfig config = ModelConfig.read(directory);
        Questions questions = new Questions(new Random(11), config);
        int[][] input = {questions.ids(40)};
        try (Backbone inParts = open(config, directory, precision, 2);
                Backbone whole = open(config, directory, precision, 1);
                Head head = questions.head();
                Decoder found = inParts.decoder(input, head);
                Decoder expected = whole.decoder(input, head)) {
            for (int count : new int[] {1, 9, 2}) {
                compare(found, expected, questions.ids(count), tolerance);
            }
            found.rewind(7);
            expected.rewind(7);
            compare(found, expected, questions.ids(1), tolerance);
            found.reorder(new int[8]);
            expected.reorder(new int[8]);
            compare(found, expected, questions.ids(8), tolerance);
            found.reorder(new int[] {3, 5});
            expected.reorder(new int[] {3, 5});
            compare(found, expected, questions.ids(2), tolerance);
        }
    }

    private static void compare(Decoder found, Decoder expected, int[] tokens, double tolerance) {
        assertThat(RelativeError.of(Questions.logits(found, tokens), Questions.logits(expected, tokens)))
                .isLessThan(tolerance);
    }

    private static Backbone open(ModelConfig config, Path directory, Precision precision, int threads) {
        Execution how = new Execution(precision, Devices.cpu(), new Threads(1, threads));
        return Backbone.open(config, WeightFiles.open(directory), how);
    }
}
