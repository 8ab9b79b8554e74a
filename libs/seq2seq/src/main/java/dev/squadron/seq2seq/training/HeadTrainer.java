package dev.squadron.seq2seq.training;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
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
    private static final String FIRST_MOMENT = "first_moment";
    private static final String SECOND_MOMENT = "second_moment";
    private static final float CLIP_EPSILON = 1e-6f;

    private final int vocabSize;
    private final int dModel;
    private final Optional<float[]> bias;
    private final OptimizerSpec spec;
    private final Graph graph = new Graph();
    private final Session session;
    private final Variables variables;
    private final Placeholder<TFloat32> states;
    private final Placeholder<TInt32> labels;
    private final Placeholder<TFloat32> learningRate;
    private final Placeholder<TFloat32> beta1Power;
    private final Placeholder<TFloat32> beta2Power;
    private final Placeholder<TFloat32> epsilon;
    private final Operand<TFloat32> loss;
    private final Operand<TFloat32> gradientNorm;
    private final Op update;
    private long step;

    /** Begins with a copy of {@code initial} and an optimiser that has seen nothing. */
    public HeadTrainer(ModelConfig config, Head initial, OptimizerSpec spec, Threads threads) {
        this.vocabSize = initial.vocabSize();
        this.dModel = initial.dModel();
        this.bias = initial.biasArray();
        this.spec = spec;
        Ops tf = Ops.create(graph);
        variables = new Variables(tf);
        variables.declare(WEIGHTS, vocabSize, dModel);
        variables.declare(FIRST_MOMENT, vocabSize, dModel);
        variables.declare(SECOND_MOMENT, vocabSize, dModel);
        states = tf.placeholder(TFloat32.class, shape(Shape.of(-1, dModel)));
        labels = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        learningRate = scalar(tf);
        beta1Power = scalar(tf);
        beta2Power = scalar(tf);
        epsilon = scalar(tf);

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
        update = update(tf, tf.linalg.matMul(clip(tf, g), h, MatMul.transposeA(true)));

        session = new Session(
                graph,
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(threads.intraOp())
                        .setInterOpParallelismThreads(threads.interOp())
                        .build());
        float[] zeros = new float[vocabSize * dModel];
        restore(new HeadState(0, vocabSize, dModel, initial.toArray(), zeros, zeros));
    }

    /**
     * Makes one update.
     *
     * @param states [n, d_model] row by row
     * @param labels the label id of each position, [n]
     */
    public StepResult step(float[] states, int[] labels, float learningRate) {
        long t = step + 1;
        double correction1 = Math.pow(spec.beta1(), (double) t);
        double correction2 = Math.pow(spec.beta2(), (double) t);
        double smallest = spec.rule() == OptimizerSpec.Rule.ADAM_KERAS
                ? spec.epsilon()
                : spec.epsilon() * Math.sqrt(1 - correction2);
        try (TFloat32 fedStates = Tensors.floats(states, labels.length, dModel);
                TInt32 fedLabels = Tensors.ints(labels, labels.length);
                TFloat32 fedRate = TFloat32.scalarOf(learningRate);
                TFloat32 fedBeta1Power = TFloat32.scalarOf((float) correction1);
                TFloat32 fedBeta2Power = TFloat32.scalarOf((float) correction2);
                TFloat32 fedEpsilon = TFloat32.scalarOf((float) smallest);
                Result result = session.runner()
                        .feed(this.states, fedStates)
                        .feed(this.labels, fedLabels)
                        .feed(this.learningRate, fedRate)
                        .feed(beta1Power, fedBeta1Power)
                        .feed(beta2Power, fedBeta2Power)
                        .feed(epsilon, fedEpsilon)
                        .addTarget(update)
                        .fetch(loss)
                        .fetch(gradientNorm)
                        .run()) {
            step = t;
            return new StepResult(((TFloat32) result.get(0)).getFloat(), ((TFloat32) result.get(1)).getFloat());
        }
    }

    /** Returns the mean loss over the positions, and changes nothing; arguments as in {@link #step}. */
    public double loss(float[] states, int[] labels) {
        try (TFloat32 fedStates = Tensors.floats(states, labels.length, dModel);
                TInt32 fedLabels = Tensors.ints(labels, labels.length);
                Result result = session.runner()
                        .feed(this.states, fedStates)
                        .feed(this.labels, fedLabels)
                        .fetch(loss)
                        .run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    /** Returns a copy of the head as it is now; the caller closes it. */
    public Head head() {
        return Head.of(read(WEIGHTS), bias, vocabSize, dModel);
    }

    /** Returns all that the trainer remembers. */
    public HeadState state() {
        return new HeadState(step, vocabSize, dModel, read(WEIGHTS), read(FIRST_MOMENT), read(SECOND_MOMENT));
    }

    /** Goes back to a state that this trainer, or one like it, gave. */
    public void restore(HeadState state) {
        assign(WEIGHTS, state.weights());
        assign(FIRST_MOMENT, state.firstMoment());
        assign(SECOND_MOMENT, state.secondMoment());
        step = state.step();
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    private Op update(Ops tf, Operand<TFloat32> gradient) {
        Ops after = tf;
        if (spec.rule() == OptimizerSpec.Rule.ADAMW) {
            Operand<TFloat32> decayed =
                    tf.math.mul(variables.value(WEIGHTS), tf.math.mul(learningRate, tf.constant(spec.weightDecay())));
            Op decay = tf.withControlDependencies(gradient).assignSubVariableOp(variables.handle(WEIGHTS), decayed);
            after = tf.withControlDependencies(decay);
        }
        return after.train.resourceApplyAdam(
                variables.handle(WEIGHTS),
                variables.handle(FIRST_MOMENT),
                variables.handle(SECOND_MOMENT),
                beta1Power,
                beta2Power,
                learningRate,
                tf.constant(spec.beta1()),
                tf.constant(spec.beta2()),
                epsilon,
                gradient);
    }

    private Operand<TFloat32> clip(Ops tf, Operand<TFloat32> g) {
        if (Float.isInfinite(spec.clipNorm())) {
            return g;
        }
        Operand<TFloat32> factor =
                tf.math.div(tf.constant(spec.clipNorm()), tf.math.add(gradientNorm, tf.constant(CLIP_EPSILON)));
        return tf.math.mul(g, tf.math.minimum(factor, tf.constant(1f)));
    }

    private static Placeholder<TFloat32> scalar(Ops tf) {
        return tf.placeholder(TFloat32.class, shape(Shape.scalar()));
    }

    private float[] read(String variable) {
        try (Result result = session.runner().fetch(variables.value(variable)).run()) {
            return Tensors.array((TFloat32) result.get(0));
        }
    }

    private void assign(String variable, float[] value) {
        try (TFloat32 tensor = Tensors.floats(value, vocabSize, dModel)) {
            variables.assign(session, variable, tensor);
        }
    }
}
