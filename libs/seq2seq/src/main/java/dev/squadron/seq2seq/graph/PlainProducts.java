package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Products out of operations that every build of TensorFlow has. */
final class PlainProducts implements Products {
    private final Ops tf;

    PlainProducts(Ops tf) {
        this.tf = tf;
    }

    @Override
    public <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight) {
        return tf.linalg.matMul(x, weight, MatMul.transposeB(true));
    }

    @Override
    public <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight, Operand<T> bias) {
        return tf.math.add(multiply(x, weight), bias);
    }

    @Override
    public <T extends TFloating> Operand<T> gelu(Operand<T> x, Operand<T> weight) {
        Operand<TFloat32> product = tf.dtypes.cast(multiply(x, weight), TFloat32.class);
        return tf.dtypes.cast(Activations.tanhGelu(tf, product), weight.type());
    }
}
