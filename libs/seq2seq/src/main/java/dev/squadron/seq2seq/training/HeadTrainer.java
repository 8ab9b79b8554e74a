package dev.squadron.seq2seq.training;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import dev.squadron.seq2seq.training.HeadGraph.Rows;
import dev.squadron.seq2seq.training.optimizer.Optimizer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Trains a head over stored decoder states: multinomial logistic regression, logits = scale · h · Wᵀ + bias, where a bias stays
 * as it is. The same states, labels, weights and rates in the same order give the same head, bit for bit, with any number of
 * threads. One thread at a time.
 *
 * <p>Memory: the head, its slots, and 8 · vocab_size bytes a label position of the update.
 */
public final class HeadTrainer implements AutoCloseable {
    private final int vocabSize;
    private final int dModel;
    private final Optional<float[]> bias;
    private final Graph graph = new Graph();
    private final Session session;
    private final Variables variables;
    private final Placeholder<TFloat32> states;
    private final Placeholder<TInt32> labels;
    private final Placeholder<TFloat32> weights;
    private final Optimizer optimizer;
    private final HeadGraph head;
    private long step;

    /** Begins with a copy of {@code initial} and an optimiser that has seen nothing; labels are not smoothed. */
    public HeadTrainer(ModelConfig config, Head initial, OptimizerSpec spec, Threads threads) {
        this(config, initial, spec, 0, threads);
    }

    /**
     * Begins with a copy of {@code initial} and an optimiser that has seen nothing.
     *
     * @param labelSmoothing the share of a label that all tokens have together, from 0 to below 1
     * @param threads blocks of the head are worked on side by side in the {@linkplain Threads#interOp operations at a time}
     */
    public HeadTrainer(ModelConfig config, Head initial, OptimizerSpec spec, double labelSmoothing, Threads threads) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "The label smoothing is " + labelSmoothing + "; it must be at least 0, below 1");
        }
        vocabSize = initial.vocabSize();
        dModel = initial.dModel();
        bias = initial.biasArray();
        Ops tf = Ops.create(graph);
        variables = new Variables(tf);
        states = tf.placeholder(TFloat32.class, shape(Shape.of(-1, dModel)));
        labels = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        weights = tf.placeholder(TFloat32.class, shape(Shape.of(-1)));
        optimizer = Optimizer.of(tf, variables, spec);
        head = new HeadGraph(
                tf,
                variables,
                optimizer,
                spec,
                (float) labelSmoothing,
                vocabSize,
                dModel,
                tf.math.mul(states, tf.constant(config.headScale())),
                labels,
                weights,
                bias,
                threads.interOp());
        session = new Session(graph, config(threads));
        set(initial);
        optimizer.reset(session);
    }

    /**
     * Makes one update by the mean over the positions.
     *
     * @param states [n, d_model] row by row
     * @param labels the label id of each position, [n]
     */
    public StepResult step(float[] states, int[] labels, float learningRate) {
        return step(states, labels, PositionWeights.tokens(labels.length), learningRate);
    }

    /**
     * Makes one update by a weighted sum over the positions. Mini-batches that are accumulated are one update of all their
     * positions.
     *
     * @param states [n, d_model] row by row
     * @param labels the label id of each position, [n]
     * @param weights of each position in loss and gradient, [n]; see {@link PositionWeights}
     */
    public StepResult step(float[] states, int[] labels, float[] weights, float learningRate) {
        try (Feed feed = feed(states, labels, weights)) {
            optimizer.feed(feed, step + 1, learningRate);
            try (Result result = feed.runner()
                    .addTarget(head.update)
                    .fetch(head.smoothedLoss)
                    .fetch(head.gradientNorm)
                    .run()) {
                step++;
                return new StepResult(((TFloat32) result.get(0)).getFloat(), ((TFloat32) result.get(1)).getFloat());
            }
        }
    }

    /** Returns the mean loss over the positions, labels not smoothed, and changes nothing; arguments as in {@link #step}. */
    public double loss(float[] states, int[] labels) {
        try (Feed feed = feed(states, labels, PositionWeights.tokens(labels.length));
                Result result = feed.runner().fetch(head.loss).run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    /** Returns a copy of the head as it is now; the caller closes it. */
    public Head head() {
        float[] elements = new float[vocabSize * dModel];
        for (Rows rows : head.rows()) {
            try (TFloat32 value = variables.read(session, rows.variable())) {
                value.asRawTensor().data().asFloats().read(elements, rows.from() * dModel, rows.count() * dModel);
            }
        }
        return Head.of(elements, bias, vocabSize, dModel);
    }

    /** Takes over the weights of another head; the optimiser remembers what it did. */
    public void set(Head weights) {
        float[] elements = weights.toArray();
        for (Rows rows : head.rows()) {
            int from = rows.from() * dModel;
            float[] some = Arrays.copyOfRange(elements, from, from + rows.count() * dModel);
            try (TFloat32 value = Tensors.floats(some, rows.count(), dModel)) {
                variables.assign(session, rows.variable(), value);
            }
        }
    }

    /** Writes all that is remembered between updates as a safetensors file. */
    public void save(Path file) throws IOException {
        TrainingState.save(file, step, variables, session);
    }

    /**
     * Goes back to what {@link #save} wrote, here or in a trainer like this one.
     *
     * @throws ModelException where the file is of another kind of training
     */
    public void restore(Path file) throws IOException {
        step = TrainingState.restore(file, variables, session);
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    /** The graph is written as it shall run: looking for a better one takes seconds and finds none. */
    private static ConfigProto config(Threads threads) {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads.intraOp())
                .setInterOpParallelismThreads(threads.interOp())
                .setGraphOptions(GraphOptions.newBuilder()
                        .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
                .build();
    }

    private Feed feed(float[] states, int[] labels, float[] weights) {
        return new Feed(session)
                .floats(this.states, states, labels.length, dModel)
                .ints(this.labels, labels, labels.length)
                .floats(this.weights, weights, labels.length);
    }
}
