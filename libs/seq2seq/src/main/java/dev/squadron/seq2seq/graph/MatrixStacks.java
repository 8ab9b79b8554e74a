package dev.squadron.seq2seq.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.SwitchCond;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TFloating;

/**
 * Multiplies stacks of matrices. TensorFlow has oneDNN compute the second version of its operation for this on x86, several times as
 * fast as the third, which TensorFlow for Java makes; only where x has a single row in fp32 the third is faster.
 */
record MatrixStacks(Ops tf, Rows rows) {

    /** How many rows x has, n. */
    enum Rows {
        MANY,
        SINGLE,

        /** Some products have one, some many, which is found out at each; then there is no gradient, and x is [B, H, n, k]. */
        ANY
    }

    /** Multiplies where x has many rows. */
    static MatrixStacks ofManyRows(Ops tf) {
        return new MatrixStacks(tf, Rows.MANY);
    }

    /** Returns x · y, [..., n, m], of x, [..., n, k], and y, [..., k, m]. */
    <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> y) {
        return multiply(x, y, false);
    }

    /** Returns x · yᵀ, [..., n, m], of x, [..., n, k], and y, [..., m, k]. */
    <T extends TFloating> Operand<T> multiplyByTransposed(Operand<T> x, Operand<T> y) {
        return multiply(x, y, true);
    }

    private <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> y, boolean transposesY) {
        return switch (rows) {
            case MANY -> second(x, y, transposesY);
            case SINGLE -> third(x, y, transposesY);
            case ANY -> {
                Operand<TBool> isSingle =
                        tf.math.equal(tf.gather(tf.shape(x), tf.constant(2), tf.constant(0)), tf.constant(1));
                SwitchCond<T> left = tf.switchCond(x, isSingle);
                SwitchCond<T> right = tf.switchCond(y, isSingle);
                Operand<T> many = second(left.outputFalse(), right.outputFalse(), transposesY);
                Operand<T> single = third(left.outputTrue(), right.outputTrue(), transposesY);
                yield tf.merge(List.of(many, single)).output();
            }
        };
    }

    private <T extends TFloating> Operand<T> second(Operand<T> x, Operand<T> y, boolean transposesY) {
        OperationBuilder operation = tf.scope().opBuilder("BatchMatMulV2", "BatchMatMul");
        operation.addInput(x.asOutput());
        operation.addInput(y.asOutput());
        operation.setAttr("adj_y", transposesY);
        return operation.build().output(0);
    }

    private <T extends TFloating> Operand<T> third(Operand<T> x, Operand<T> y, boolean transposesY) {
        return tf.train.batchMatMul(x, y, x.type(), BatchMatMul.adjY(transposesY));
    }
}
