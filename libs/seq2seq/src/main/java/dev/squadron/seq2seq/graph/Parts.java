package dev.squadron.seq2seq.graph;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
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
        return new Parts(parts, Narrow.concat(tf, parts, AXIS));
    }

    /** Returns what is computed of each part of a value; of the value itself where it is whole. */
    static Operand<TFloat32> map(Ops tf, Operand<TFloat32> x, UnaryOperator<Operand<TFloat32>> ofPart) {
        List<Operand<TFloat32>> parts = of(x);
        return compute(tf, parts.size(), part -> ofPart.apply(parts.get(part)));
    }

    /** Returns a value in one, in the type in which its parts were computed. */
    static Operand<TFloat32> whole(Operand<TFloat32> x) {
        return x instanceof Parts made ? made.whole : x;
    }

    /** Returns the parts of a value, as they were computed. */
    static List<Operand<TFloat32>> of(Operand<TFloat32> x) {
        return x instanceof Parts made ? made.parts : List.of(x);
    }

    /** Returns a value in one where it is in parts, and in parts where it is in one. */
    static Operand<TFloat32> exchange(Ops tf, Operand<TFloat32> x, int count) {
        return x instanceof Parts made ? made.whole : new Parts(cut(tf, x, count), x);
    }

    /** Returns all parts of values in the types in which they were computed, to be fetched and fed. */
    static List<Operand<?>> asComputed(List<Operand<TFloat32>> values) {
        return values.stream()
                .flatMap(each -> of(each).stream())
                .<Operand<?>>map(Narrow::asComputed)
                .toList();
    }

    /** Returns a part of a value, which is cut where it is whole. */
    static Operand<TFloat32> get(Ops tf, Operand<TFloat32> x, int part, int count) {
        if (count == 1) {
            return x;
        }
        return x instanceof Parts made
                ? made.parts.get(part)
                : cut(tf, x, count).get(part);
    }

    /** Cuts a value. */
    static List<Operand<TFloat32>> cut(Ops tf, Operand<TFloat32> x, int count) {
        return Narrow.split(tf, x, AXIS, count);
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
