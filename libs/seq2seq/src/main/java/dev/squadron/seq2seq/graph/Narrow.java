package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/**
 * A value in bf16, which is fp32 to whoever doesn't know of that: so a family's graph can do with it what it likes, and layers that
 * know take it as it is. Nothing is widened that nobody asks for.
 *
 * @param value the value
 * @param wide the same in fp32
 */
record Narrow(Operand<TBfloat16> value, Operand<TFloat32> wide) implements Operand<TFloat32> {

    static Narrow of(Ops tf, Operand<TBfloat16> value) {
        return new Narrow(value, tf.dtypes.cast(value, TFloat32.class));
    }

    /** Returns a value in bf16, rounded where it isn't yet. */
    static Operand<TBfloat16> value(Ops tf, Operand<TFloat32> x) {
        return x instanceof Narrow narrow ? narrow.value : tf.dtypes.cast(x, TBfloat16.class);
    }

    /** Returns a value in the type in which it was computed, to be fetched, and fed into what {@link #placeholder} gives. */
    static Operand<?> asComputed(Operand<TFloat32> x) {
        return x instanceof Narrow narrow ? narrow.value : x;
    }

    /** Returns a place for values of the type of {@code like}. */
    static Operand<TFloat32> placeholder(Ops tf, Operand<TFloat32> like, Shape shape) {
        return like instanceof Narrow
                ? of(tf, tf.placeholder(TBfloat16.class, Placeholder.shape(shape)))
                : tf.placeholder(TFloat32.class, Placeholder.shape(shape));
    }

    @Override
    public Output<TFloat32> asOutput() {
        return wide.asOutput();
    }

    @Override
    public Operation op() {
        return wide.op();
    }
}
