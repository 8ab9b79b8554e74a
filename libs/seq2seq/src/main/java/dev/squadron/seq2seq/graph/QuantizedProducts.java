package dev.squadron.seq2seq.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/**
 * Products with weights in int8 that never change, and what is done with them, as one operation of oneDNN. What is multiplied is brought
 * into int8 at each run.
 *
 * <p>The operation is TensorFlow's {@code _QuantizedMatMul}, into which its own optimiser turns a MatMul between Quantize and Dequantize. It
 * keeps the weight in the order of the processor's units, and prepares itself anew for each scale of what is multiplied. Where rows are few
 * that takes longer than the product, so there it sums up whole numbers, which are scaled afterwards.
 */
final class QuantizedProducts {
    private static final String OPERATION = "_QuantizedMatMul";
    private static final float LARGEST = QuantizedWeight.LARGEST;

    /** The largest element of zeros is taken for this. */
    private static final float LEAST_RANGE = 1e-6f;

    private static final int[] ROWS_AND_COLUMNS = {0, 1};
    private static final int COLUMNS = 1;

    /**
     * What is multiplied, in int8.
     *
     * @param values [n, in]
     * @param range the largest absolute element of all, []; where rows are few, that of each row by 127², [n, 1]
     */
    private record Input(Output<?> values, Operand<TFloat32> range) {}

    private final Ops tf;
    private final boolean haveFewRows;
    private final Map<Output<TFloat32>, Input> inputs = new HashMap<>();
    private final Map<Long, Operand<TFloat32>> zeros = new HashMap<>();
    private int made;

    /** @param haveFewRows whether what is multiplied has few rows: then it has a scale for each, else one */
    QuantizedProducts(Ops tf, boolean haveFewRows) {
        this.tf = tf;
        this.haveFewRows = haveFewRows;
    }

    /** Returns whether this build of TensorFlow has the operation for the CPU. */
    static boolean areAvailable() {
        return Kernels.exist(OPERATION);
    }

    /** Returns x · Wᵀ, [n, out], of x, [n, in]. */
    Operand<TFloat32> multiply(Operand<TFloat32> x, QuantizedWeight weight) {
        return haveFewRows ? scaled(x, weight) : fused(x, weight, List.of(zeros(weight)), "BiasAdd");
    }

    /** Returns x · Wᵀ + b, [n, out], where the bias is [out]. */
    Operand<TFloat32> multiply(Operand<TFloat32> x, QuantizedWeight weight, Operand<TFloat32> bias) {
        return haveFewRows ? tf.math.add(scaled(x, weight), bias) : fused(x, weight, List.of(bias), "BiasAdd");
    }

    /** Returns x · Wᵀ + addend, [n, out]. */
    Operand<TFloat32> add(Operand<TFloat32> x, QuantizedWeight weight, Operand<TFloat32> addend) {
        return haveFewRows
                ? tf.math.add(scaled(x, weight), addend)
                : fused(x, weight, List.of(zeros(weight), addend), "BiasAdd", "Add");
    }

    /** Returns GELU with the tanh of x · Wᵀ, [n, out]. */
    Operand<TFloat32> gelu(Operand<TFloat32> x, QuantizedWeight weight) {
        return haveFewRows
                ? Activations.tanhGelu(tf, scaled(x, weight))
                : fused(x, weight, List.of(zeros(weight)), "BiasAdd", "GeluApproximate");
    }

    private Operand<TFloat32> fused(
            Operand<TFloat32> x, QuantizedWeight weight, List<Operand<TFloat32>> others, String... fused) {
        Input input = inputs.computeIfAbsent(x.asOutput(), key -> quantizeMany(x));
        return make(input, input.range(), weight, weight.largest(), others, fused);
    }

    private Operand<TFloat32> scaled(Operand<TFloat32> x, QuantizedWeight weight) {
        Input input = inputs.computeIfAbsent(x.asOutput(), key -> quantizeFew(x));
        Operand<TFloat32> whole = tf.constant(LARGEST);
        Operand<TFloat32> sums = make(input, whole, weight, whole, List.of(zeros(weight)), "BiasAdd");
        return tf.math.mul(tf.math.mul(sums, input.range()), weight.largest());
    }

    /**
     * Makes the operation.
     *
     * @param largestOfInput what the input's 127 means
     * @param largestOfWeight what the weight's 127 means, for all rows or for each
     */
    private Operand<TFloat32> make(
            Input input,
            Operand<TFloat32> largestOfInput,
            QuantizedWeight weight,
            Operand<TFloat32> largestOfWeight,
            List<Operand<TFloat32>> others,
            String... fused) {
        List<Output<?>> given = new ArrayList<>(List.of(input.values(), weight.values()));
        others.forEach(each -> given.add(each.asOutput()));
        List<String> operations = new ArrayList<>(List.of(fused));
        operations.add("Dequantize");
        Output<?> ofInput = largestOfInput.asOutput();
        Output<?> ofWeight = largestOfWeight.asOutput();
        GraphOperationBuilder operation =
                (GraphOperationBuilder) tf.scope().opBuilder(OPERATION, "quantized_product_" + made++);
        operation.addInputList(given.toArray(Output<?>[]::new));
        operation.addInputList(new Output<?>[] {ofInput, ofInput, ofWeight, ofWeight});
        operation.setAttr("T1", DataType.DT_QINT8);
        operation.setAttr("T2", DataType.DT_QINT8);
        operation.setAttr("Tbias", DataType.DT_FLOAT);
        operation.setAttr("U", DataType.DT_FLOAT);
        operation.setAttr("Tout", DataType.DT_FLOAT);
        operation.setAttr("Tdevice_outputs", new DataType[] {DataType.DT_FLOAT});
        operation.setAttr("transpose_b", true);
        operation.setAttr("is_weight_const", true);
        operation.setAttr("is_bias_const", true);
        operation.setAttr("fused_ops", operations.toArray(String[]::new));
        operation.setAttr("input_quant_mode", "SCALED");
        return operation.build().output(0);
    }

    /** Of many rows an operation of oneDNN makes int8 in the shortest time. */
    private Input quantizeMany(Operand<TFloat32> x) {
        Operation quantized = tf.scope()
                .opBuilder("QuantizeV2", "quantize")
                .addInput(x.asOutput())
                .addInput(tf.reduceMin(x, tf.constant(ROWS_AND_COLUMNS)).asOutput())
                .addInput(tf.reduceMax(x, tf.constant(ROWS_AND_COLUMNS)).asOutput())
                .setAttr("T", DataType.DT_QINT8)
                .setAttr("mode", "SCALED")
                .setAttr("round_mode", "HALF_TO_EVEN")
                .setAttr("ensure_minimum_range", LEAST_RANGE)
                .build();
        return new Input(quantized.output(0), quantized.<TFloat32>output(2));
    }

    /** Of few rows several operations have made int8 before that of oneDNN begins. */
    private Input quantizeFew(Operand<TFloat32> x) {
        Operand<TFloat32> largest = tf.math.maximum(
                tf.reduceMax(tf.math.abs(x), tf.constant(COLUMNS), ReduceMax.keepDims(true)), tf.constant(LEAST_RANGE));
        Operand<TFloat32> inUnits = tf.math.mul(x, tf.math.div(tf.constant(LARGEST), largest));
        Output<?> whole = tf.scope()
                .opBuilder("Cast", "whole")
                .addInput(tf.math.rint(inUnits).asOutput())
                .setAttr("DstT", DataType.DT_INT8)
                .build()
                .output(0);
        Output<?> values = tf.scope()
                .opBuilder("Bitcast", "quantized")
                .addInput(whole)
                .setAttr("type", DataType.DT_QINT8)
                .build()
                .output(0);
        return new Input(values, tf.math.mul(largest, tf.constant(1 / (LARGEST * LARGEST))));
    }

    /** The operation has a bias always. */
    private Operand<TFloat32> zeros(QuantizedWeight weight) {
        long out = weight.largest().shape().get(0);
        return zeros.computeIfAbsent(out, key -> tf.zeros(tf.constant(new long[] {out}), TFloat32.class));
    }
}
