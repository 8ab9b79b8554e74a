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
    private final List<Tensor> tensors = new ArrayList<>();

    /** Begins a run. */
    public Feed(Session session) {
        runner = session.runner();
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
        runner.feed(placeholder, tensor);
        return this;
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::close);
    }
}
