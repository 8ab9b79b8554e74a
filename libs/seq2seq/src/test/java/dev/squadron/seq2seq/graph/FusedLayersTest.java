package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.Decoder;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.op.Ops;

/** Fused products give what plain ones do, whether they keep their weights packed or not, at any length, in whatever order they come. */
class FusedLayersTest {
    private static final Path MODELS = Path.of(System.getProperty("squadron.home"), "samples/golden");
    private static final int[] LENGTHS = {100, 1, 7, 64, 3, 90};
    private static final float TOLERANCE = 2e-4f;

    @ParameterizedTest
    @CsvSource({"flan-t5, true", "flan-t5, false", "bart, true", "bart, false"})
    void giveWhatPlainOnesDo(String name, boolean keepsPacked) {
        assumeTrue(FusedProducts.areAvailable(Precision.FP32), "This build of TensorFlow has no fused products");
        Path directory = MODELS.resolve(name);
        ModelConfig config = ModelConfig.read(directory);
        Questions questions = new Questions(new Random(7), config);
        try (Backbone fused = open(
                        config, directory, keepsPacked, (tf, weights) -> new FusedLayers(tf, weights, keepsPacked));
                Backbone plain = open(config, directory, keepsPacked, FrozenLayers::new);
                Head head = questions.head()) {
            for (int length : LENGTHS) {
                int[][] input = {questions.ids(length)};
                int[][] labels = {questions.ids(1 + length % 13)};
                assertThat(fused.decoderStates(input, labels).states())
                        .containsExactly(plain.decoderStates(input, labels).states(), within(TOLERANCE));
                try (Decoder found = fused.decoder(input, head);
                        Decoder expected = plain.decoder(input, head)) {
                    for (int count : new int[] {1, 9, 2}) {
                        int[] tokens = questions.ids(count);
                        assertThat(Questions.logits(found, tokens))
                                .containsExactly(Questions.logits(expected, tokens), within(TOLERANCE));
                    }
                }
            }
        }
    }

    private static Backbone open(
            ModelConfig config, Path directory, boolean keepsPacked, BiFunction<Ops, FrozenWeights, Layers> layers) {
        return Backbone.open(
                config,
                WeightFiles.open(directory),
                new Execution(Precision.FP32, Devices.cpu(), new Threads(1, 2)),
                new SelfCheck(config, Precision.FP32, keepsPacked),
                layers);
    }
}
