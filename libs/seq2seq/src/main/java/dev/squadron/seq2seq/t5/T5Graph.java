package dev.squadron.seq2seq.t5;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.graph.Variables;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.math.Mean;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * T5 as a TensorFlow graph: Raffel et al., “Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer”
 * (2020), with the gated feed-forward layers of T5 v1.1 (Shazeer, “GLU Variants Improve Transformer”, 2020).
 *
 * <p>Shapes: B batch, S input length, T label length, P cached positions, D d_model, H heads, K d_kv, V vocabulary. Inside the
 * stacks a sequence is a matrix [B·length, D].
 */
public final class T5Graph {
    private static final float MASKED = -1e9f;

    /** Input ids, [B, S]. */
    final Placeholder<TInt32> inputIds;

    /** 1 for a token, 0 for padding, [B, S]. */
    final Placeholder<TFloat32> inputMask;

    /** Buckets between input positions, [S, S]. */
    final Placeholder<TInt32> encoderBuckets;

    /** Final states of the encoder, [B, S, D]. */
    final Operand<TFloat32> encoderStates;

    /** Keys and values of the inputs for each decoder block: K, V, K, V, …, each [B, H, S, K]. */
    final List<Operand<TFloat32>> crossKeysValues = new ArrayList<>();

    /** Decoder inputs of a teacher-forced pass, [B, T]. */
    final Placeholder<TInt32> decoderIds;

    /** Buckets between decoder positions, [T, T], or [1, P + 1] in a step. */
    final Placeholder<TInt32> decoderBuckets;

    /** 0 where a decoder position may look, {@value #MASKED} where not, [T, T]. */
    final Placeholder<TFloat32> causalBias;

    /** Final states of a teacher-forced decoder, [B, T, D]. */
    final Operand<TFloat32> decoderStates;

    /** The tokens that a step begins with, [B]. */
    final Placeholder<TInt32> stepIds;

    /** What {@link #crossKeysValues} gave, fed to the steps. */
    final List<Placeholder<TFloat32>> fedCrossKeysValues = new ArrayList<>();

    /** What {@link #keysValues} of the last step gave, fed to the next: K, V, K, V, …, each [B, H, P, K]. */
    final List<Placeholder<TFloat32>> fedKeysValues = new ArrayList<>();

    /** Keys and values of all positions up to this step: K, V, K, V, …, each [B, H, P + 1, K]. */
    final List<Operand<TFloat32>> keysValues = new ArrayList<>();

    /** The head of the step, [V, D]. */
    final Placeholder<TFloat32> head;

    /** Logits of the step, [B, V]. */
    final Operand<TFloat32> logits;

    /** The most likely token of the step, [B]. */
    final Operand<TInt32> greedyIds;

    /** Log-probability of {@link #greedyIds}, [B]. */
    final Operand<TFloat32> greedyLogProbs;

    private final ModelConfig config;
    private final Ops tf;
    private final Variables weights;

    /** Builds the graph; its variables are declared and have no values yet. */
    T5Graph(ModelConfig config, Graph graph) {
        this.config = config;
        this.tf = Ops.create(graph);
        this.weights = new Variables(tf);
        T5Names.backbone(config).forEach(weights::declare);

        inputIds = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        inputMask = tf.placeholder(TFloat32.class, shape(Shape.of(-1, -1)));
        encoderBuckets = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        Operand<TFloat32> encoded = encoder();
        encoderStates = sequence(encoded, inputIds);
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            crossKeysValues.add(project(encoded, T5Names.crossAttention(block, "k"), inputIds));
            crossKeysValues.add(project(encoded, T5Names.crossAttention(block, "v"), inputIds));
        }

        decoderIds = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        decoderBuckets = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        causalBias = tf.placeholder(TFloat32.class, shape(Shape.of(-1, -1)));
        decoderStates = sequence(teacherForcedDecoder(), decoderIds);

        stepIds = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        head = tf.placeholder(TFloat32.class, shape(Shape.of(config.vocabSize(), config.dModel())));
        logits = tf.linalg.matMul(
                tf.math.mul(decoderStep(), tf.constant(config.headScale())), head, MatMul.transposeB(true));
        greedyIds = tf.math.argMax(logits, tf.constant(1), TInt32.class);
        Operand<TFloat32> best = tf.reduceMax(logits, tf.constant(1));
        greedyLogProbs = tf.math.neg(tf.math.log(
                tf.reduceSum(tf.math.exp(tf.math.sub(logits, tf.expandDims(best, tf.constant(1)))), tf.constant(1))));
    }

    /** Returns the weights of the graph. */
    Variables weights() {
        return weights;
    }

    /** Returns the encoder's final states, [B·S, D]. */
    private Operand<TFloat32> encoder() {
        Operand<TFloat32> bias = tf.math.add(positionBias("encoder", encoderBuckets), inputBias()); // [B, H, S, S]
        Operand<TFloat32> x = embed(inputIds);
        for (int block = 0; block < config.numLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("encoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("encoder", block, "q"), inputIds);
            Operand<TFloat32> k = project(y, T5Names.selfAttention("encoder", block, "k"), inputIds);
            Operand<TFloat32> v = project(y, T5Names.selfAttention("encoder", block, "v"), inputIds);
            x = tf.math.add(x, linear(attend(q, k, v, bias), T5Names.selfAttention("encoder", block, "o")));
            x = tf.math.add(x, feedForward(norm(x, T5Names.norm("encoder", block, 1)), "encoder", block));
        }
        return norm(x, T5Names.finalNorm("encoder"));
    }

    /** Returns the final states of the decoder over whole label sequences, [B·T, D]. */
    private Operand<TFloat32> teacherForcedDecoder() {
        Operand<TFloat32> bias = tf.math.add(positionBias("decoder", decoderBuckets), causalBias); // [1, H, T, T]
        Operand<TFloat32> x = embed(decoderIds);
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("decoder", block, "q"), decoderIds);
            Operand<TFloat32> k = project(y, T5Names.selfAttention("decoder", block, "k"), decoderIds);
            Operand<TFloat32> v = project(y, T5Names.selfAttention("decoder", block, "v"), decoderIds);
            x = tf.math.add(x, linear(attend(q, k, v, bias), T5Names.selfAttention("decoder", block, "o")));
            x = crossAttention(x, block, decoderIds, crossKeysValues);
            x = tf.math.add(x, feedForward(norm(x, T5Names.norm("decoder", block, 2)), "decoder", block));
        }
        return norm(x, T5Names.finalNorm("decoder"));
    }

    /** Returns the final state of the decoder at the next position, [B, D], its past taken from the cache. */
    private Operand<TFloat32> decoderStep() {
        Operand<TInt32> ids = tf.expandDims(stepIds, tf.constant(1)); // [B, 1]
        Operand<TFloat32> bias = positionBias("decoder", decoderBuckets); // [1, H, 1, P + 1]
        Operand<TFloat32> x = embed(ids);
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("decoder", block, "q"), ids);
            Operand<TFloat32> k = remember(project(y, T5Names.selfAttention("decoder", block, "k"), ids));
            Operand<TFloat32> v = remember(project(y, T5Names.selfAttention("decoder", block, "v"), ids));
            x = tf.math.add(x, linear(attend(q, k, v, bias), T5Names.selfAttention("decoder", block, "o")));
            fedCrossKeysValues.add(keysOrValues());
            fedCrossKeysValues.add(keysOrValues());
            x = crossAttention(x, block, ids, fedCrossKeysValues);
            x = tf.math.add(x, feedForward(norm(x, T5Names.norm("decoder", block, 2)), "decoder", block));
        }
        return norm(x, T5Names.finalNorm("decoder"));
    }

    /** Appends the keys or values of this step, [B, H, 1, K], to the cached ones; returns all, [B, H, P + 1, K]. */
    private Operand<TFloat32> remember(Operand<TFloat32> now) {
        Placeholder<TFloat32> past = keysOrValues();
        Operand<TFloat32> all = tf.concat(List.of(past, now), tf.constant(2));
        fedKeysValues.add(past);
        keysValues.add(all);
        return all;
    }

    private Placeholder<TFloat32> keysOrValues() {
        return tf.placeholder(TFloat32.class, shape(Shape.of(-1, config.numHeads(), -1, config.dKv())));
    }

    /** Returns x with what it finds in the inputs, both [B·length, D]. */
    private Operand<TFloat32> crossAttention(
            Operand<TFloat32> x, int block, Operand<TInt32> ids, List<? extends Operand<TFloat32>> keysAndValues) {
        Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 1));
        Operand<TFloat32> q = project(y, T5Names.crossAttention(block, "q"), ids);
        Operand<TFloat32> found =
                attend(q, keysAndValues.get(2 * block), keysAndValues.get(2 * block + 1), inputBias());
        return tf.math.add(x, linear(found, T5Names.crossAttention(block, "o")));
    }

    /**
     * Attention without the usual 1/√K: T5 folds it into the weights.
     *
     * @param q [B, H, Q, K]
     * @param k [B, H, L, K]
     * @param v [B, H, L, K]
     * @param bias broadcasts to [B, H, Q, L]
     * @return [B·Q, H·K]
     */
    private Operand<TFloat32> attend(
            Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> v, Operand<TFloat32> bias) {
        Operand<TFloat32> scores =
                tf.math.add(tf.train.batchMatMul(q, k, TFloat32.class, BatchMatMul.adjY(true)), bias);
        Operand<TFloat32> mixed = tf.train.batchMatMul(tf.nn.softmax(scores), v, TFloat32.class); // [B, H, Q, K]
        return tf.reshape(
                tf.linalg.transpose(mixed, tf.constant(new int[] {0, 2, 1, 3})),
                tf.constant(new int[] {-1, config.numHeads() * config.dKv()}));
    }

    /** Multiplies x, [B·length, D], into heads, [B, H, length, K]; {@code ids}, [B, length], tells the batch. */
    private Operand<TFloat32> project(Operand<TFloat32> x, String weight, Operand<TInt32> ids) {
        Operand<TInt32> batch = tf.gather(tf.shape(ids), tf.constant(0), tf.constant(0));
        Operand<TFloat32> heads = tf.reshape(
                linear(x, weight),
                tf.stack(List.of(batch, tf.constant(-1), tf.constant(config.numHeads()), tf.constant(config.dKv()))));
        return tf.linalg.transpose(heads, tf.constant(new int[] {0, 2, 1, 3}));
    }

    private Operand<TFloat32> feedForward(Operand<TFloat32> x, String stack, int block) {
        Operand<TFloat32> inner = config.gatedGelu()
                ? tf.math.mul(
                        gelu(linear(x, T5Names.feedForward(stack, block, "wi_0"))),
                        linear(x, T5Names.feedForward(stack, block, "wi_1")))
                : tf.nn.relu(linear(x, T5Names.feedForward(stack, block, "wi")));
        return linear(inner, T5Names.feedForward(stack, block, "wo"));
    }

    /** GELU with the tanh, “gelu_new”: Hendrycks and Gimpel, 2016. */
    private Operand<TFloat32> gelu(Operand<TFloat32> x) {
        Operand<TFloat32> cube = tf.math.mul(tf.math.mul(x, x), x);
        Operand<TFloat32> inner = tf.math.mul(
                tf.constant((float) Math.sqrt(2 / Math.PI)), tf.math.add(x, tf.math.mul(tf.constant(0.044715f), cube)));
        return tf.math.mul(tf.math.mul(tf.constant(0.5f), x), tf.math.add(tf.constant(1f), tf.math.tanh(inner)));
    }

    /** Divides by the root mean square, without mean or bias; x and result [rows, D]. */
    private Operand<TFloat32> norm(Operand<TFloat32> x, String weight) {
        Operand<TFloat32> variance = tf.math.mean(tf.math.square(x), tf.constant(1), Mean.keepDims(true));
        Operand<TFloat32> scale = tf.math.rsqrt(tf.math.add(variance, tf.constant(config.layerNormEpsilon())));
        return tf.math.mul(weights.value(weight), tf.math.mul(x, scale));
    }

    /** Multiplies [rows, in] by the transpose of [out, in]. */
    private Operand<TFloat32> linear(Operand<TFloat32> x, String weight) {
        return tf.linalg.matMul(x, weights.value(weight), MatMul.transposeB(true));
    }

    /** Looks up [B, length] ids; returns [B·length, D]. */
    private Operand<TFloat32> embed(Operand<TInt32> ids) {
        return tf.resourceGather(
                weights.handle(T5Names.SHARED), tf.reshape(ids, tf.constant(new int[] {-1})), TFloat32.class);
    }

    /** Returns the bias of relative positions, [1, H, queries, keys]. */
    private Operand<TFloat32> positionBias(String stack, Operand<TInt32> buckets) {
        Operand<TFloat32> values =
                tf.resourceGather(weights.handle(T5Names.relativeBias(stack)), buckets, TFloat32.class);
        return tf.expandDims(tf.linalg.transpose(values, tf.constant(new int[] {2, 0, 1})), tf.constant(0));
    }

    /** Returns the bias that hides padding of the inputs, [B, 1, 1, S]. */
    private Operand<TFloat32> inputBias() {
        Operand<TFloat32> hidden = tf.math.mul(tf.math.sub(tf.constant(1f), inputMask), tf.constant(MASKED));
        return tf.expandDims(tf.expandDims(hidden, tf.constant(1)), tf.constant(1));
    }

    /** Returns [B·length, D] as [B, length, D]. */
    private Operand<TFloat32> sequence(Operand<TFloat32> rows, Operand<TInt32> ids) {
        Operand<TInt32> batch = tf.gather(tf.shape(ids), tf.constant(0), tf.constant(0));
        return tf.reshape(rows, tf.stack(List.of(batch, tf.constant(-1), tf.constant(config.dModel()))));
    }

    /** Returns the bias that hides what follows, [length, length] row by row. */
    static float[] causalBias(int length) {
        float[] bias = new float[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = query + 1; key < length; key++) {
                bias[query * length + key] = MASKED;
            }
        }
        return bias;
    }
}
