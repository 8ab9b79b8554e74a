package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** GELU in its two forms, out of plain operations: Hendrycks and Gimpel, “Gaussian Error Linear Units”, 2016. */
public final class Activations {
    private Activations() {}

    /** Returns GELU with the tanh, transformers' {@code gelu_new}, of each element of x. */
    public static Operand<TFloat32> tanhGelu(Ops tf, Operand<TFloat32> x) {
        Operand<TFloat32> cube = tf.math.mul(tf.math.mul(x, x), x);
        Operand<TFloat32> inner = tf.math.mul(
                tf.constant((float) Math.sqrt(2 / Math.PI)), tf.math.add(x, tf.math.mul(tf.constant(0.044715f), cube)));
        return tf.math.mul(tf.math.mul(tf.constant(0.5f), x), tf.math.add(tf.constant(1f), tf.math.tanh(inner)));
    }

    /** Returns GELU with the error function of each element of x. */
    public static Operand<TFloat32> erfGelu(Ops tf, Operand<TFloat32> x) {
        Operand<TFloat32> erf = tf.math.erf(tf.math.mul(x, tf.constant((float) Math.sqrt(0.5))));
        return tf.math.mul(tf.math.mul(tf.constant(0.5f), x), tf.math.add(tf.constant(1f), erf));
    }
}
