package dev.squadron.seq2seq.graph;

import java.util.List;
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

    /** Joins values along an axis, in bf16 where all are. */
    static Operand<TFloat32> concat(Ops tf, List<Operand<TFloat32>> values, int axis) {
        if (!values.stream().allMatch(Narrow.class::isInstance)) {
            return tf.concat(values, tf.constant(axis));
        }
        List<Operand<TBfloat16>> narrow =
                values.stream().map(each -> ((Narrow) each).value()).toList();
        return of(tf, tf.concat(narrow, tf.constant(axis)));
    }

    /** Splits a value along an axis, in bf16 where it is. */
    static List<Operand<TFloat32>> split(Ops tf, Operand<TFloat32> x, int axis, long count) {
        if (x instanceof Narrow narrow) {
            return tf.split(tf.constant(axis), narrow.value, count).output().stream()
                    .<Operand<TFloat32>>map(each -> of(tf, each))
                    .toList();
        }
        return List.copyOf(tf.split(tf.constant(axis), x, count).output());
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
