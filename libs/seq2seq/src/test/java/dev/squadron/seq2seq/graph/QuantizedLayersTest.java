package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Products in int8 are what their rounding leaves of plain ones, whether rows are few or many, and a model made of them answers as one in fp32. */
class QuantizedLayersTest {
    private static final Path MODELS = Path.of(System.getProperty("squadron.home"), "samples/golden");
    private static final int IN = 40;
    private static final int OUT = 24;
    private static final int[] ROWS = {1, 9, 2};

    private final Random random = new Random(5);

    @BeforeAll
    static void assumeSuits() {
        assumeTrue(Processor.hasVnni(), "this processor has no VNNI");
        assumeTrue(QuantizedProducts.areAvailable(), "this build of TensorFlow has no products in int8");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void productsAreOffByTheirRoundingAtMost(boolean haveFewRows) {
        float[] weight = rowsOfManySizes();
        float[] bias = gaussian(OUT);
        for (int rows : ROWS) {
            float[] x = gaussian(rows * IN);
            float[] addend = gaussian(rows * OUT);
            List<float[]> found = run(haveFewRows, weight, bias, x, addend, rows);

            for (int row = 0; row < rows; row++) {
                float largestInput = haveFewRows ? largest(x, row * IN, IN) : largest(x, 0, x.length);
                for (int out = 0; out < OUT; out++) {
                    double exact = 0;
                    double off = 0;
                    double halfOfInput = largestInput / 254;
                    double halfOfWeight = largest(weight, out * IN, IN) / 254;
                    for (int i = 0; i < IN; i++) {
                        float a = x[row * IN + i];
                        float b = weight[out * IN + i];
                        exact += (double) a * b;
                        off += halfOfInput * Math.abs(b) + halfOfWeight * (Math.abs(a) + halfOfInput);
                    }
                    int place = row * OUT + out;
                    off += 1e-4;
                    assertThat((double) found.get(0)[place]).isCloseTo(exact, within(off));
                    assertThat((double) found.get(1)[place]).isCloseTo(exact + bias[out], within(off));
                    assertThat((double) found.get(2)[place]).isCloseTo(exact + addend[place], within(off));
                    double gelu = 0.5
                            * exact
                            * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (exact + 0.044715 * exact * exact * exact)));
                    assertThat((double) found.get(3)[place]).isCloseTo(gelu, within(1.2 * off));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofZerosMakeZeros(boolean haveFewRows) {
        List<float[]> found =
                run(haveFewRows, rowsOfManySizes(), new float[OUT], new float[2 * IN], new float[2 * OUT], 2);

        assertThat(found).allSatisfy(each -> assertThat(each).containsOnly(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flan-t5", "t5-v1_0", "bart"})
    void answersNearlyAsInFp32WhereTheProcessorHasNoBf16(String name) {
        Path directory = MODELS.resolve(name);
        ModelConfig config = ModelConfig.read(directory);
        Questions questions = new Questions(new Random(7), config);
        try (Backbone quantized = open(
                        config,
                        directory,
                        (tf, weights) -> new QuantizedLayers(new FusedLayers(tf, weights, true), weights));
                Backbone plain = open(config, directory, FrozenLayers::new);
                Head head = questions.head()) {
            for (int length : new int[] {100, 1, 7}) {
                int[][] input = {questions.ids(length)};
                int[][] labels = {questions.ids(1 + length % 13)};
                assertThat(RelativeError.of(
                                quantized.decoderStates(input, labels).states(),
                                plain.decoderStates(input, labels).states()))
                        .isBetween(1e-5, 0.1);
                try (Decoder found = quantized.decoder(input, head);
                        Decoder expected = plain.decoder(input, head)) {
                    for (int count : ROWS) {
                        int[] tokens = questions.ids(count);
                        assertThat(RelativeError.of(
                                        Questions.logits(found, tokens), Questions.logits(expected, tokens)))
                                .isBetween(1e-5, 0.1);
                    }
                }
            }
        }
    }

    private static Backbone open(ModelConfig config, Path directory, BiFunction<Ops, FrozenWeights, Layers> layers) {
        return Backbone.open(
                config,
                WeightFiles.open(directory),
                new Execution(Precision.FP32, Devices.cpu(), new Threads(1, 2)),
                new SelfCheck(config, Precision.INT8, true),
                layers);
    }

    /** Returns the product, and that with a bias, with an addend and with GELU. */
    private static List<float[]> run(
            boolean haveFewRows, float[] weight, float[] bias, float[] x, float[] addend, int rows) {
        try (Graph graph = new Graph();
                TFloat32 weightValues = Tensors.floats(weight, OUT, IN);
                TFloat32 values = Tensors.floats(x, rows, IN)) {
            Ops tf = Ops.create(graph);
            Operand<TFloat32> given = tf.placeholder(TFloat32.class);
            Operand<TFloat32> matrix = tf.ensureShape(given, weightValues.shape());
            Operand<TFloat32> input = tf.placeholder(TFloat32.class);
            List<Op> assignments = new ArrayList<>();
            QuantizedWeight kept = QuantizedWeight.keep(tf, matrix, "weight", assignments::add);
            QuantizedProducts products = new QuantizedProducts(tf, haveFewRows);
            Function<float[], Operand<TFloat32>> constant =
                    elements -> tf.reshape(tf.constant(elements), tf.constant(new int[] {elements.length / OUT, OUT}));
            List<Operand<TFloat32>> asked = List.of(
                    products.multiply(input, kept),
                    products.multiply(input, kept, tf.constant(bias)),
                    products.add(input, kept, constant.apply(addend)),
                    products.gelu(input, kept));
            try (Session session = new Session(graph)) {
                Session.Runner assign = session.runner().feed(given, weightValues);
                assignments.forEach(assign::addTarget);
                assign.run().close();
                Session.Runner runner = session.runner().feed(input, values);
                asked.forEach(runner::fetch);
                try (Result result = runner.run()) {
                    return IntStream.range(0, asked.size())
                            .mapToObj(place -> Tensors.array((TFloat32) result.get(place)))
                            .toList();
                }
            }
        }
    }

    /** Returns a weight whose rows differ in size by far, one of them zeros. */
    private float[] rowsOfManySizes() {
        float[] weight = gaussian(OUT * IN);
        for (int i = 0; i < weight.length; i++) {
            weight[i] *= i < IN ? 0 : (float) Math.pow(10, (i / IN) % 5 - 2);
        }
        return weight;
    }

    private static float largest(float[] values, int first, int count) {
        float largest = 0;
        for (int i = first; i < first + count; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        return largest;
    }

    private float[] gaussian(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
