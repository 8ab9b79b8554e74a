package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A graph that computes something else than the plain one is refused when the model is loaded. */
class SelfCheckTest {
    private static final Path MODEL = Path.of(System.getProperty("squadron.home"), "samples/golden/flan-t5");

    @ParameterizedTest
    @CsvSource({
        "FP32, true, decoder.block.1.layer.2",
        "FP32, false, encoder.block.1.layer.1",
        "BF16, true, encoder.block.0.layer.1",
        "INT8, true, encoder.block.1.layer.1"
    })
    void refusesAGraphWithABrokenProduct(Precision precision, boolean keepsPacked, String layer) {
        assertThatThrownBy(() -> open(precision, keepsPacked, layer))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("self-check")
                .hasMessageContaining(precision.label());
    }

    @ParameterizedTest
    @CsvSource({"FP32, true", "FP32, false", "BF16, true", "INT8, true"})
    void acceptsTheSameGraphWhole(Precision precision, boolean keepsPacked) {
        assertThatCode(() -> open(precision, keepsPacked, "nowhere")).doesNotThrowAnyException();
    }

    private static void open(Precision precision, boolean keepsPacked, String broken) {
        assumeTrue(precision != Precision.INT8 || Processor.hasVnni(), "this processor has no VNNI");
        ModelConfig config = ModelConfig.read(MODEL);
        Execution how = new Execution(precision, Devices.cpu(), Threads.perCore());
        Backbone.open(
                        config,
                        WeightFiles.open(MODEL),
                        how,
                        new SelfCheck(config, precision, keepsPacked),
                        (tf, weights) -> {
                            Layers whole = layers(tf, weights);
                            return new Broken(
                                    precision == Precision.INT8 ? new QuantizedLayers(whole, weights) : whole, broken);
                        })
                .close();
    }

    private static Layers layers(Ops tf, FrozenWeights weights) {
        if (!weights.isNarrow("shared.weight")) {
            return new FrozenLayers(tf, weights);
        }
        boolean fuses = FusedProducts.areAvailable(Precision.BF16);
        return new NarrowLayers(tf, weights, fuses ? new FusedProducts(tf) : new PlainProducts(tf), true);
    }

    /** Forgets what a feed-forward layer adds where it is told to, as a wrong kernel might. */
    private record Broken(Layers whole, String layer) implements Layers {
        @Override
        public Ops tf() {
            return whole.tf();
        }

        @Override
        public Operand<TFloat32> weight(String name) {
            return whole.weight(name);
        }

        @Override
        public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
            return whole.lookUp(weight, ids);
        }

        @Override
        public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
            return whole.multiply(x, weight);
        }

        @Override
        public Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
            return weight.startsWith(layer) ? x : whole.addProduct(x, y, weight);
        }

        @Override
        public Operand<TFloat32> dropout(Operand<TFloat32> x) {
            return x;
        }
    }
}
