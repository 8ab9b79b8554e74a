package dev.squadron.seq2seq.graph;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** What goes into a run of a session; closing it frees the tensors that it made. */
public final class Feed implements AutoCloseable {
    private final Session.Runner runner;
    private final String prefix;
    private final List<Tensor> tensors;

    /** Begins a run. */
    public Feed(Session session) {
        this(session.runner(), "", new ArrayList<>());
    }

    private Feed(Session.Runner runner, String prefix, List<Tensor> tensors) {
        this.runner = runner;
        this.prefix = prefix;
        this.tensors = tensors;
    }

    /**
     * Returns a way into the same run for placeholders of another graph, of which a copy is in this one.
     *
     * @param copy the prefix of the copy's names
     */
    public Feed into(String copy) {
        return new Feed(runner, copy + "/", tensors);
    }

    /** Feeds whole numbers, row by row. */
    public Feed ints(Operand<TInt32> placeholder, int[] elements, long... shape) {
        return own(placeholder, Tensors.ints(elements, shape));
    }

    /** Feeds numbers, row by row. */
    public Feed floats(Operand<TFloat32> placeholder, float[] elements, long... shape) {
        return own(placeholder, Tensors.floats(elements, shape));
    }

    /** Feeds a number. */
    public Feed number(Operand<TFloat32> placeholder, double value) {
        return floats(placeholder, new float[] {(float) value});
    }

    /** Feeds whole numbers of 64 bits, row by row. */
    public Feed longs(Operand<TInt64> placeholder, long[] elements, long... shape) {
        return own(placeholder, Tensors.longs(elements, shape));
    }

    /** Returns the run, to say what is wanted and to start it. */
    public Session.Runner runner() {
        return runner;
    }

    private Feed own(Operand<?> placeholder, Tensor tensor) {
        tensors.add(tensor);
        if (prefix.isEmpty()) {
            runner.feed(placeholder, tensor);
        } else {
            runner.feed(prefix + placeholder.op().name(), tensor);
        }
        return this;
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::close);
    }
}
