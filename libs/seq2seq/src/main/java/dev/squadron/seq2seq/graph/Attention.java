package dev.squadron.seq2seq.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Attention with several heads, out of plain operations: Vaswani et al., “Attention Is All You Need”, 2017. */
final class Attention {
    private Attention() {}

    /** Splits x, [B·length, H·K], into heads, [B, H, length, K]; {@code ids}, [B, length], tells the batch. */
    static <T extends TFloating> Operand<T> split(Ops tf, Operand<T> x, Operand<TInt32> ids, int heads, int width) {
        Operand<TInt32> batch = tf.gather(tf.shape(ids), tf.constant(0), tf.constant(0));
        Operand<T> split =
                tf.reshape(x, tf.stack(List.of(batch, tf.constant(-1), tf.constant(heads), tf.constant(width))));
        return tf.linalg.transpose(split, tf.constant(new int[] {0, 2, 1, 3}));
    }

    /** Returns softmax(q · kᵀ + bias), [B, H, Q, L], of q, [B, H, Q, K], k, [B, H, L, K], and a bias that broadcasts to it. */
    static <T extends TFloating> Operand<T> shares(MatrixStacks stacks, Operand<T> q, Operand<T> k, Operand<T> bias) {
        Ops tf = stacks.tf();
        return tf.nn.softmax(tf.math.add(stacks.multiplyByTransposed(q, k), bias));
    }

    /** Returns shares · v, its heads side by side, [B·Q, H·K], of shares, [B, H, Q, L], and v, [B, H, L, K]. */
    static <T extends TFloating> Operand<T> mix(MatrixStacks stacks, Operand<T> shares, Operand<T> v, int width) {
        Ops tf = stacks.tf();
        Operand<T> mixed = stacks.multiply(shares, v); // [B, H, Q, K]
        return tf.reshape(
                tf.linalg.transpose(mixed, tf.constant(new int[] {0, 2, 1, 3})), tf.constant(new int[] {-1, width}));
    }
}
