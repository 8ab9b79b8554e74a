package dev.squadron.seq2seq.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention to inputs, x, without computing their keys and values: q · (x · Wᵀ)ᵀ is (q · W) · xᵀ, and shares · (x · Wᵀ) is
 * (shares · x) · Wᵀ. A decoder over whole answers has few queries and many inputs, so that is a fraction of the products.
 *
 * @param ids [B, L], tells the shape of x
 * @param heads H
 * @param width K
 */
record InputAttention(Ops tf, Operand<TInt32> ids, int heads, int width) {

    /**
     * Returns softmax(q · kᵀ + bias), [B, H, Q, L], where k are the heads of x · Wᵀ.
     *
     * @param q [B, H, Q, K]
     * @param x [B·L, D]
     * @param weight [H·K, D]
     * @param bias broadcasts to what is returned
     */
    <T extends TFloating> Operand<T> shares(Operand<T> q, Operand<T> x, Operand<T> weight, Operand<T> bias) {
        Operand<TInt32> d = tf.constant((int) weight.shape().get(1));
        Operand<T> byHead = reshape(swapOuter(q), List.of(number(heads), number(-1), number(width)));
        Operand<T> multiplied = stacks().multiply(byHead, byHead(weight, d)); // [H, B·Q, D]
        Operand<T> byInput =
                swapOuter(reshape(multiplied, List.of(number(heads), size(0), number(-1), d))); // [B, H, Q, D]
        Operand<T> scores = stacks().multiplyByTransposed( // [B, H·Q, L]
                        reshape(byInput, List.of(size(0), number(-1), d)), byInput(x, d));
        return tf.nn.softmax(tf.math.add(reshape(scores, List.of(size(0), number(heads), number(-1), size(1))), bias));
    }

    /**
     * Returns shares · v, its heads side by side, [B·Q, H·K], where v are the heads of x · Wᵀ.
     *
     * @param shares [B, H, Q, L]
     * @param x [B·L, D]
     * @param weight [H·K, D]
     */
    <T extends TFloating> Operand<T> mix(Operand<T> shares, Operand<T> x, Operand<T> weight) {
        Operand<TInt32> d = tf.constant((int) weight.shape().get(1));
        Operand<T> found = stacks().multiply( // [B, H·Q, D]
                        reshape(shares, List.of(size(0), number(-1), size(1))), byInput(x, d));
        Operand<T> byHead = swapOuter(reshape(found, List.of(size(0), number(heads), number(-1), d))); // [H, B, Q, D]
        Operand<T> mixed = stacks().multiplyByTransposed( // [H, B·Q, K]
                        reshape(byHead, List.of(number(heads), number(-1), d)), byHead(weight, d));
        return reshape(
                tf.linalg.transpose(mixed, tf.constant(new int[] {1, 0, 2})),
                List.of(number(-1), number(heads * width)));
    }

    private MatrixStacks stacks() {
        return MatrixStacks.ofManyRows(tf);
    }

    private <T extends TFloating> Operand<T> byInput(Operand<T> x, Operand<TInt32> d) {
        return reshape(x, List.of(size(0), size(1), d));
    }

    private <T extends TFloating> Operand<T> byHead(Operand<T> weight, Operand<TInt32> d) {
        return reshape(weight, List.of(number(heads), number(width), d));
    }

    private <T extends TFloating> Operand<T> swapOuter(Operand<T> x) {
        return tf.linalg.transpose(x, tf.constant(new int[] {1, 0, 2, 3}));
    }

    private <T extends TFloating> Operand<T> reshape(Operand<T> x, List<Operand<TInt32>> shape) {
        return tf.reshape(x, tf.stack(shape));
    }

    private Operand<TInt32> size(int axis) {
        return tf.gather(tf.shape(ids), tf.constant(axis), tf.constant(0));
    }

    private Operand<TInt32> number(int value) {
        return tf.constant(value);
    }
}
