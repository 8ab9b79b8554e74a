package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Products with a weight that never changes, and what is done with them, as one operation of oneDNN, x86's library for this. The
 * operation brings the weight into the order of the processor's units, at each run, or at its first run and keeps it so: then a weight that is
 * assigned later would go unseen.
 *
 * <p>The operation is TensorFlow's {@code _MklNativeFusedMatMul}, into which its own optimiser turns MatMul, BiasAdd and activation
 * where the weight is a constant. Not every build of TensorFlow has it.
 */
final class FusedProducts implements Products {
    /**
     * In fp32 and on AVX-512, oneDNN has weights in one order for up to so many rows and for more than 65, and in another in between. An
     * operation keeps the order of its first run: in the other case it brings the weight into order at each run, which takes longer
     * than the product.
     */
    static final int FEW_ROWS = 6;

    private static final String OPERATION = "_MklNativeFusedMatMul";
    private static final boolean REGISTERED = Kernels.exist(OPERATION);

    private final Ops tf;
    private final boolean keepsPacked;
    private final Map<String, Operand<?>> zeros = new HashMap<>();
    private int made;

    /** Keeps weights as they were brought into order. */
    FusedProducts(Ops tf) {
        this(tf, true);
    }

    /** @param keepsPacked whether weights are kept as they were brought into order, which takes their memory once more an operation */
    FusedProducts(Ops tf, boolean keepsPacked) {
        this.tf = tf;
        this.keepsPacked = keepsPacked;
    }

    /** Returns whether this build of TensorFlow has the operation for the CPU, and the processor what a precision needs. */
    static boolean areAvailable(Precision precision) {
        return REGISTERED && (precision == Precision.FP32 || Processor.hasBf16());
    }

    /** Returns for up to how many rows a product needs an operation of its own; 0 where one does for all. */
    int fewRows() {
        return keepsPacked ? FEW_ROWS : 0;
    }

    @Override
    public <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight, Operand<T> bias) {
        return make(x, weight, List.of(bias), "BiasAdd");
    }

    /** Returns x · Wᵀ + addend, [n, out]. */
    <T extends TFloating> Operand<T> add(Operand<T> x, Operand<T> weight, Operand<T> addend) {
        return make(x, weight, List.of(zeros(weight), addend), "BiasAdd", "Add");
    }

    @Override
    public <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight) {
        return multiply(x, weight, zeros(weight));
    }

    @Override
    public <T extends TFloating> Operand<T> gelu(Operand<T> x, Operand<T> weight) {
        return make(x, weight, List.of(zeros(weight)), "BiasAdd", "GeluApproximate");
    }

    private <T extends TFloating> Operand<T> make(
            Operand<T> x, Operand<T> weight, List<Operand<T>> others, String... fused) {
        GraphOperationBuilder operation =
                (GraphOperationBuilder) tf.scope().opBuilder(OPERATION, "fused_product_" + made++);
        operation.addInput(x.asOutput());
        operation.addInput(weight.asOutput());
        operation.addInputList(others.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
        operation.setAttr("T", weight.asOutput().dataType());
        operation.setAttr("fused_ops", fused);
        operation.setAttr("transpose_b", true);
        operation.setAttr("is_filter_const", keepsPacked);
        operation.setAttr("_kernel", "MklNameChangeOp");
        return operation.build().output(0);
    }

    /** The operation has a bias always. */
    @SuppressWarnings("unchecked")
    private <T extends TFloating> Operand<T> zeros(Operand<T> weight) {
        long out = weight.shape().get(0);
        return (Operand<T>) zeros.computeIfAbsent(
                out + " " + weight.asOutput().dataType(),
                key -> tf.zeros(tf.constant(new long[] {out}), weight.type()));
    }
}
