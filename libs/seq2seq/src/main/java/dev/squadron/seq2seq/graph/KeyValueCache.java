package dev.squadron.seq2seq.graph;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Keys and values of the decoder's positions so far: K, V, K, V, … block by block, each in the parts in which it is computed. What a step has
 * grown is fed to the next, in between its rows can be reordered and its last positions forgotten.
 */
public final class KeyValueCache {
    private final Ops tf;
    private final int parts;

    /** The rows that {@link #reordered} takes, any number of them, [R']. */
    final Placeholder<TInt32> rows;

    /** The positions that {@link #shortened} keeps, P'. */
    final Placeholder<TInt32> kept;

    /** What the last step has grown, each [R, H, P, K], in the type in which it was computed, as all that follow. */
    final List<Operand<?>> past = new ArrayList<>();

    /** {@link #past} with the {@link #rows} asked for, each [R', H, P, K]. */
    final List<Operand<?>> reordered = new ArrayList<>();

    /** {@link #past} without its last positions, each [R, H, P', K]. */
    final List<Operand<?>> shortened = new ArrayList<>();

    /** {@link #past} in one where it is in parts, and in parts where it is in one. */
    final List<Operand<?>> exchanged = new ArrayList<>();

    /** All positions up to this step's last, each [R, H, P + Q, K]. */
    final List<Operand<?>> grown = new ArrayList<>();

    /** @param parts in how many parts keys and values are, where they are in parts */
    KeyValueCache(Ops tf, int parts) {
        this.tf = tf;
        this.parts = parts;
        this.rows = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        this.kept = tf.placeholder(TInt32.class, Placeholder.shape(Shape.scalar()));
    }

    /** Appends the keys or values of this step, [R, H, Q, K], to the cached ones; returns all, [R, H, P + Q, K]. */
    public Operand<TFloat32> append(Operand<TFloat32> now) {
        Operand<TFloat32> before = Parts.map(tf, now, part -> Narrow.placeholder(tf, part, Shape.of(-1, -1, -1, -1)));
        exchanged.addAll(Parts.asComputed(List.of(Parts.exchange(tf, before, parts))));
        List<Operand<TFloat32>> some = Parts.of(before);
        return Parts.compute(tf, some.size(), part -> {
            Operand<TFloat32> added = Parts.of(now).get(part);
            return some.get(part) instanceof Narrow narrow
                    ? Narrow.of(tf, append(narrow.value(), Narrow.value(tf, added)))
                    : append(some.get(part), added);
        });
    }

    /** Feeds what a step, or a change of it, has left behind. */
    void feed(Session.Runner runner, List<Tensor> values) {
        for (int i = 0; i < values.size(); i++) {
            runner.feed(past.get(i), values.get(i));
        }
    }

    private <T extends TFloating> Operand<T> append(Operand<T> before, Operand<T> now) {
        Operand<T> all = tf.concat(List.of(before, now), tf.constant(2));
        past.add(before);
        reordered.add(tf.gather(before, rows, tf.constant(0)));
        Operand<TInt32> size = tf.stack(List.of(tf.constant(-1), tf.constant(-1), kept, tf.constant(-1)));
        shortened.add(tf.slice(before, tf.constant(new int[] {0, 0, 0, 0}), size));
        grown.add(all);
        return all;
    }
}
