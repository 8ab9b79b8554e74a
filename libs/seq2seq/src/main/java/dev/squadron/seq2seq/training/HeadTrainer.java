package dev.squadron.seq2seq.training;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import dev.squadron.seq2seq.training.optimizer.Optimizer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Trains a head over stored decoder states: multinomial logistic regression, logits = scale · h · Wᵀ + bias, where a bias stays
 * as it is. The same states, labels and rates in the same order give the same head, bit for bit. One thread at a time.
 *
 * <p>The gradient is written out rather than derived: G = (softmax − one-hot) / n is what TensorFlow's loss gives as its second
 * output, and the head's gradient is Gᵀ · h. Its norm comes from the small n×n matrices, ‖Gᵀh‖² = Σ (GGᵀ ∘ hhᵀ), so that the
 * V×d gradient is read only once.
 */
public final class HeadTrainer implements AutoCloseable {
    private static final String WEIGHTS = "weights";

    private final int vocabSize;
    private final int dModel;
    private final Optional<float[]> bias;
    private final Graph graph = new Graph();
    private final Session session;
    private final Variables variables;
    private final Placeholder<TFloat32> states;
    private final Placeholder<TInt32> labels;
    private final Operand<TFloat32> loss;
    private final Operand<TFloat32> gradientNorm;
    private final Optimizer optimizer;
    private final Op update;
    private long step;

    /** Begins with a copy of {@code initial} and an optimiser that has seen nothing. */
    public HeadTrainer(ModelConfig config, Head initial, OptimizerSpec spec, Threads threads) {
        this.vocabSize = initial.vocabSize();
        this.dModel = initial.dModel();
        this.bias = initial.biasArray();
        Ops tf = Ops.create(graph);
        variables = new Variables(tf);
        variables.declare(WEIGHTS, vocabSize, dModel);
        states = tf.placeholder(TFloat32.class, shape(Shape.of(-1, dModel)));
        labels = tf.placeholder(TInt32.class, shape(Shape.of(-1)));

        Operand<TFloat32> h = tf.math.mul(states, tf.constant(config.headScale())); // [n, d]
        Operand<TFloat32> products = tf.linalg.matMul(h, variables.value(WEIGHTS), MatMul.transposeB(true));
        Operand<TFloat32> logits =
                bias.isPresent() ? tf.math.add(products, tf.constant(bias.get())) : products; // [n, V]
        SparseSoftmaxCrossEntropyWithLogits<TFloat32> losses =
                SparseSoftmaxCrossEntropyWithLogits.create(tf.scope(), logits, labels);
        loss = tf.math.mean(losses.loss(), tf.constant(0));
        Operand<TFloat32> count = tf.dtypes.cast(tf.size(labels), TFloat32.class);
        Operand<TFloat32> g = tf.math.div(losses.backprop(), count); // [n, V]
        Operand<TFloat32> squares = tf.math.mul(
                tf.linalg.matMul(g, g, MatMul.transposeB(true)), tf.linalg.matMul(h, h, MatMul.transposeB(true)));
        gradientNorm = tf.math.sqrt(tf.reduceSum(squares, tf.constant(new int[] {0, 1})));
        Operand<TFloat32> clipped =
                spec.clips() ? tf.math.mul(g, Optimizer.clipFactor(tf, gradientNorm, spec.clipNorm())) : g;
        optimizer = Optimizer.of(tf, variables, spec);
        update = optimizer.update(
                WEIGHTS, new long[] {vocabSize, dModel}, tf.linalg.matMul(clipped, h, MatMul.transposeA(true)), true);

        session = new Session(
                graph,
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(threads.intraOp())
                        .setInterOpParallelismThreads(threads.interOp())
                        .build());
        variables.assign(session, WEIGHTS, initial.tensor());
        optimizer.reset(session);
    }

    /**
     * Makes one update.
     *
     * @param states [n, d_model] row by row
     * @param labels the label id of each position, [n]
     */
    public StepResult step(float[] states, int[] labels, float learningRate) {
        try (Feed feed = feed(states, labels)) {
            optimizer.feed(feed, step + 1, learningRate);
            try (Result result = feed.runner()
                    .addTarget(update)
                    .fetch(loss)
                    .fetch(gradientNorm)
                    .run()) {
                step++;
                return new StepResult(((TFloat32) result.get(0)).getFloat(), ((TFloat32) result.get(1)).getFloat());
            }
        }
    }

    /** Returns the mean loss over the positions, and changes nothing; arguments as in {@link #step}. */
    public double loss(float[] states, int[] labels) {
        try (Feed feed = feed(states, labels);
                Result result = feed.runner().fetch(loss).run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    /** Returns a copy of the head as it is now; the caller closes it. */
    public Head head() {
        try (TFloat32 weights = variables.read(session, WEIGHTS)) {
            return Head.of(Tensors.array(weights), bias, vocabSize, dModel);
        }
    }

    /** Takes over the weights of {@code head}; the optimiser remembers what it did. */
    public void set(Head head) {
        variables.assign(session, WEIGHTS, head.tensor());
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

    private Feed feed(float[] states, int[] labels) {
        return new Feed(session)
                .floats(this.states, states, labels.length, dModel)
                .ints(this.labels, labels, labels.length);
    }
}
