package dev.squadron.seq2seq.t5;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.graph.EncoderDecoderGraph;
import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.KeyValueCache;
import dev.squadron.seq2seq.graph.Layers;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * T5 as a TensorFlow graph: Raffel et al., “Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer”
 * (2020), with the gated feed-forward layers of T5 v1.1 (Shazeer, “GLU Variants Improve Transformer”, 2020).
 *
 * <p>Shapes have the letters of {@link EncoderDecoderGraph}.
 */
public final class T5Graph extends EncoderDecoderGraph {
    private final T5Config config;

    /** Buckets between input positions, [S, S]. */
    private final Placeholder<TInt32> encoderBuckets;

    /** Buckets between decoder positions, [T, T], or [Q, P + Q] in a step. */
    private final Placeholder<TInt32> decoderBuckets;

    /** Makes the inputs. */
    T5Graph(T5Config config, Layers layers) {
        super(layers);
        this.config = config;
        encoderBuckets = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        decoderBuckets = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
    }

    @Override
    protected Operand<TFloat32> encoder() {
        Operand<TFloat32> bias = tf.math.add(positionBias("encoder", encoderBuckets), inputBias()); // [B, H, S, S]
        Operand<TFloat32> x = embed(inputIds);
        for (int block = 0; block < config.numLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("encoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("encoder", block, "q"), inputIds);
            Operand<TFloat32> k = project(y, T5Names.selfAttention("encoder", block, "k"), inputIds);
            Operand<TFloat32> v = project(y, T5Names.selfAttention("encoder", block, "v"), inputIds);
            x = selfAttention(x, "encoder", block, q, k, v, bias);
            x = feedForward(x, "encoder", block, T5Names.norm("encoder", block, 1));
            tap(inBlock("encoder", block, "hidden"), x);
        }
        return tap("encoder.last_hidden_state", layers.dropout(norm(x, T5Names.finalNorm("encoder"))));
    }

    @Override
    protected List<Operand<TFloat32>> crossKeysValues(Operand<TFloat32> encoded) {
        List<Operand<TFloat32>> keysValues = new ArrayList<>();
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            keysValues.add(project(encoded, T5Names.crossAttention(block, "k"), inputIds));
            keysValues.add(project(encoded, T5Names.crossAttention(block, "v"), inputIds));
        }
        return keysValues;
    }

    @Override
    protected Operand<TFloat32> teacherForcedDecoder(Operand<TFloat32> encoded) {
        Operand<TFloat32> bias = tf.math.add(positionBias("decoder", decoderBuckets), causalBias); // [1, H, T, T]
        Operand<TFloat32> x = embed(decoderIds);
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("decoder", block, "q"), decoderIds);
            Operand<TFloat32> k = project(y, T5Names.selfAttention("decoder", block, "k"), decoderIds);
            Operand<TFloat32> v = project(y, T5Names.selfAttention("decoder", block, "v"), decoderIds);
            x = selfAttention(x, "decoder", block, q, k, v, bias);
            x = crossAttention(x, block, encoded);
            x = feedForward(x, "decoder", block, T5Names.norm("decoder", block, 2));
            tap(inBlock("decoder", block, "hidden"), x);
        }
        return tap("decoder.last_hidden_state", layers.dropout(norm(x, T5Names.finalNorm("decoder"))));
    }

    @Override
    protected Operand<TFloat32> decoderStep(List<? extends Operand<TFloat32>> crossKeysValues, KeyValueCache cache) {
        Operand<TInt32> idsByInput = stepIdsByInput();
        Operand<TFloat32> bias = tf.math.add(positionBias("decoder", decoderBuckets), causalBias); // [1, H, Q, P + Q]
        Operand<TFloat32> x = embed(stepIds);
        for (int block = 0; block < config.numDecoderLayers(); block++) {
            Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 0));
            Operand<TFloat32> q = project(y, T5Names.selfAttention("decoder", block, "q"), stepIds);
            Operand<TFloat32> k = cache.append(project(y, T5Names.selfAttention("decoder", block, "k"), stepIds));
            Operand<TFloat32> v = cache.append(project(y, T5Names.selfAttention("decoder", block, "v"), stepIds));
            x = selfAttention(x, "decoder", block, q, k, v, bias);
            x = crossAttention(x, block, idsByInput, crossKeysValues);
            x = feedForward(x, "decoder", block, T5Names.norm("decoder", block, 2));
            tap(inBlock("decoder", block, "hidden"), x);
        }
        return tap("decoder.last_hidden_state", layers.dropout(norm(x, T5Names.finalNorm("decoder"))));
    }

    /** Returns x with what it finds in its own sequence, both [B·length, D]. */
    private Operand<TFloat32> selfAttention(
            Operand<TFloat32> x,
            String stack,
            int block,
            Operand<TFloat32> q,
            Operand<TFloat32> k,
            Operand<TFloat32> v,
            Operand<TFloat32> bias) {
        Operand<TFloat32> found = attend(inBlock(stack, block, "self_attention"), q, k, v, bias);
        return layers.addProduct(x, found, T5Names.selfAttention(stack, block, "o"));
    }

    /** Returns x, [B·T, D], with what it finds in the inputs; {@code encoded}, [B·S, D]. */
    private Operand<TFloat32> crossAttention(Operand<TFloat32> x, int block, Operand<TFloat32> encoded) {
        Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 1));
        Operand<TFloat32> found = attendToInputs(
                inBlock("decoder", block, "cross_attention"),
                project(y, T5Names.crossAttention(block, "q"), decoderIds),
                encoded,
                T5Names.crossAttention(block, "k"),
                T5Names.crossAttention(block, "v"),
                config.numHeads(),
                config.dKv());
        return layers.addProduct(x, found, T5Names.crossAttention(block, "o"));
    }

    /** Returns x with what it finds in the inputs by their keys and values, both [R·Q, D]. */
    private Operand<TFloat32> crossAttention(
            Operand<TFloat32> x, int block, Operand<TInt32> ids, List<? extends Operand<TFloat32>> keysAndValues) {
        Operand<TFloat32> y = norm(x, T5Names.norm("decoder", block, 1));
        Operand<TFloat32> q = project(y, T5Names.crossAttention(block, "q"), ids);
        Operand<TFloat32> found = attend(
                inBlock("decoder", block, "cross_attention"),
                q,
                keysAndValues.get(2 * block),
                keysAndValues.get(2 * block + 1),
                inputBias());
        return layers.addProduct(x, found, T5Names.crossAttention(block, "o"));
    }

    /** Attention without the usual 1/√K, which T5 folds into the weights; shapes as in the longer form. */
    private Operand<TFloat32> attend(
            String tap, Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> v, Operand<TFloat32> bias) {
        return attend(tap, q, k, v, bias, config.numHeads() * config.dKv());
    }

    /** Multiplies x, [B·length, D], into heads, [B, H, length, K]; {@code ids}, [B, length], tells the batch. */
    private Operand<TFloat32> project(Operand<TFloat32> x, String weight, Operand<TInt32> ids) {
        return layers.splitHeads(layers.multiply(x, weight), ids, config.numHeads(), config.dKv());
    }

    /** Returns x with what the feed-forward layer makes of it, both [B·length, D]. */
    private Operand<TFloat32> feedForward(Operand<TFloat32> x, String stack, int block, String norm) {
        Operand<TFloat32> y = norm(x, norm);
        Operand<TFloat32> inner = config.gatedGelu() // [B·length, d_ff]
                ? layers.gatedGelu(
                        y, T5Names.feedForward(stack, block, "wi_0"), T5Names.feedForward(stack, block, "wi_1"))
                : tf.nn.relu(layers.multiply(y, T5Names.feedForward(stack, block, "wi")));
        return layers.addProduct(x, layers.dropout(inner), T5Names.feedForward(stack, block, "wo"));
    }

    /** Divides by the root mean square, without mean or bias; x and result [rows, D]. */
    private Operand<TFloat32> norm(Operand<TFloat32> x, String weight) {
        Operand<TFloat32> variance = tf.math.mean(tf.math.square(x), tf.constant(1), Mean.keepDims(true));
        Operand<TFloat32> scale = tf.math.rsqrt(tf.math.add(variance, tf.constant(config.layerNormEpsilon())));
        return tf.math.mul(layers.weight(weight), tf.math.mul(x, scale));
    }

    /** Looks up [B, length] ids; returns [B·length, D]. */
    private Operand<TFloat32> embed(Operand<TInt32> ids) {
        return layers.dropout(layers.lookUp(T5Names.SHARED, tf.reshape(ids, tf.constant(new int[] {-1}))));
    }

    /** Returns the bias of relative positions, [1, H, queries, keys]. */
    private Operand<TFloat32> positionBias(String stack, Operand<TInt32> buckets) {
        Operand<TFloat32> values = layers.lookUp(T5Names.relativeBias(stack), buckets); // [queries, keys, H]
        return tf.expandDims(tf.linalg.transpose(values, tf.constant(new int[] {2, 0, 1})), tf.constant(0));
    }

    @Override
    protected void feedInputPositions(Feed feed, int length) {
        feed.ints(encoderBuckets, buckets(0, length, length, true), length, length);
    }

    @Override
    protected void feedDecoderPositions(Feed feed, int first, int count) {
        int length = first + count;
        feed.ints(decoderBuckets, buckets(first, count, length, false), count, length);
    }

    private int[] buckets(int firstQuery, int queries, int keys, boolean bidirectional) {
        return RelativePosition.buckets(
                firstQuery,
                queries,
                keys,
                bidirectional,
                config.relativeAttentionNumBuckets(),
                config.relativeAttentionMaxDistance());
    }
}
