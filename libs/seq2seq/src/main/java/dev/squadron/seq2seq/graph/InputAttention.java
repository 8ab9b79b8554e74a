package dev.squadron.seq2seq.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

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
    Operand<TFloat32> shares(
            Operand<TFloat32> q, Operand<TFloat32> x, Operand<TFloat32> weight, Operand<TFloat32> bias) {
        Operand<TInt32> d = tf.constant((int) weight.shape().get(1));
        Operand<TFloat32> byHead = reshape(swapOuter(q), List.of(number(heads), number(-1), number(width)));
        Operand<TFloat32> multiplied = tf.train.batchMatMul(byHead, byHead(weight, d), q.type()); // [H, B·Q, D]
        Operand<TFloat32> byInput =
                swapOuter(reshape(multiplied, List.of(number(heads), size(0), number(-1), d))); // [B, H, Q, D]
        Operand<TFloat32> scores = tf.train.batchMatMul( // [B, H·Q, L]
                reshape(byInput, List.of(size(0), number(-1), d)), byInput(x, d), q.type(), BatchMatMul.adjY(true));
        return tf.nn.softmax(tf.math.add(reshape(scores, List.of(size(0), number(heads), number(-1), size(1))), bias));
    }

    /**
     * Returns shares · v, its heads side by side, [B·Q, H·K], where v are the heads of x · Wᵀ.
     *
     * @param shares [B, H, Q, L]
     * @param x [B·L, D]
     * @param weight [H·K, D]
     */
    Operand<TFloat32> mix(Operand<TFloat32> shares, Operand<TFloat32> x, Operand<TFloat32> weight) {
        Operand<TInt32> d = tf.constant((int) weight.shape().get(1));
        Operand<TFloat32> found = tf.train.batchMatMul( // [B, H·Q, D]
                reshape(shares, List.of(size(0), number(-1), size(1))), byInput(x, d), x.type());
        Operand<TFloat32> byHead =
                swapOuter(reshape(found, List.of(size(0), number(heads), number(-1), d))); // [H, B, Q, D]
        Operand<TFloat32> mixed = tf.train.batchMatMul( // [H, B·Q, K]
                reshape(byHead, List.of(number(heads), number(-1), d)),
                byHead(weight, d),
                x.type(),
                BatchMatMul.adjY(true));
        return reshape(
                tf.linalg.transpose(mixed, tf.constant(new int[] {1, 0, 2})),
                List.of(number(-1), number(heads * width)));
    }

    private Operand<TFloat32> byInput(Operand<TFloat32> x, Operand<TInt32> d) {
        return reshape(x, List.of(size(0), size(1), d));
    }

    private Operand<TFloat32> byHead(Operand<TFloat32> weight, Operand<TInt32> d) {
        return reshape(weight, List.of(number(heads), number(width), d));
    }

    private Operand<TFloat32> swapOuter(Operand<TFloat32> x) {
        return tf.linalg.transpose(x, tf.constant(new int[] {1, 0, 2, 3}));
    }

    private Operand<TFloat32> reshape(Operand<TFloat32> x, List<Operand<TInt32>> shape) {
        return tf.reshape(x, tf.stack(shape));
    }

    private Operand<TInt32> size(int axis) {
        return tf.gather(tf.shape(ids), tf.constant(axis), tf.constant(0));
    }

    private Operand<TInt32> number(int value) {
        return tf.constant(value);
    }
}
