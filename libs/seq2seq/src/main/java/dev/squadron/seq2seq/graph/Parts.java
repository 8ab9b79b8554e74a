package dev.squadron.seq2seq.graph;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A value whose parts along its second axis, columns or heads, are computed side by side, and which is whole to whoever doesn't know of
 * that: so a family's graph can do with it what it likes. Nothing is joined that nobody asks for.
 *
 * @param parts in their order, equally large
 * @param whole the same in one
 */
record Parts(List<Operand<TFloat32>> parts, Operand<TFloat32> whole) implements Operand<TFloat32> {
    private static final int AXIS = 1;

    /** Computes a value in some parts; one is whole. */
    static Operand<TFloat32> compute(Ops tf, int count, IntFunction<Operand<TFloat32>> part) {
        if (count == 1) {
            return part.apply(0);
        }
        List<Operand<TFloat32>> parts = IntStream.range(0, count).mapToObj(part).toList();
        return new Parts(parts, tf.concat(parts, tf.constant(AXIS)));
    }

    /** Returns a part of a value, which is cut where it is whole. */
    static Operand<TFloat32> get(Ops tf, Operand<TFloat32> x, int part, int count) {
        return x instanceof Parts made && made.parts.size() == count
                ? made.parts.get(part)
                : cut(tf, x, AXIS, part, count);
    }

    /** Returns a part of the rows of a weight; on the processor they stay where they are. */
    static Operand<TFloat32> rows(Ops tf, Operand<TFloat32> weight, int part, int count) {
        return cut(tf, weight, 0, part, count);
    }

    private static Operand<TFloat32> cut(Ops tf, Operand<TFloat32> x, int axis, int part, int count) {
        return count == 1
                ? x
                : tf.split(tf.constant(axis), x, (long) count).output().get(part);
    }

    @Override
    public Output<TFloat32> asOutput() {
        return whole.asOutput();
    }

    @Override
    public Operation op() {
        return whole.op();
    }
}
