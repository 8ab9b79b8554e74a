package dev.squadron.seq2seq.bart;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.graph.Activations;
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
 * BART as a TensorFlow graph: Lewis et al., “BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation,
 * Translation, and Comprehension” (2020). It is the Transformer of Vaswani et al. (2017), each layer's norm after its residual,
 * with learned positions, GELU, and a norm after the embeddings.
 *
 * <p>Shapes have the letters of {@link EncoderDecoderGraph}.
 */
public final class BartGraph extends EncoderDecoderGraph {
    /** Row of the position embeddings that belongs to position 0. */
    static final int POSITION_OFFSET = 2;

    private static final float LAYER_NORM_EPSILON = 1e-5f;

    private final BartConfig config;

    /** Rows of the position embeddings for inputs, [S]. */
    private final Placeholder<TInt32> inputPositions;

    /** Rows of the position embeddings for decoder inputs, [T], or [Q] in a step. */
    private final Placeholder<TInt32> decoderPositions;

    /** Makes the inputs. */
    BartGraph(BartConfig config, Layers layers) {
        super(layers);
        this.config = config;
        inputPositions = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        decoderPositions = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
    }

    @Override
    protected Operand<TFloat32> encoder() {
        int heads = config.encoder().heads();
        Operand<TFloat32> x = embed(inputIds, inputPositions, "encoder");
        for (int block = 0; block < config.encoder().layers(); block++) {
            String attention = BartNames.layer("encoder", block, "self_attn");
            Operand<TFloat32> q = queries(x, attention, inputIds, heads);
            Operand<TFloat32> k = heads(x, attention + ".k_proj", inputIds, heads);
            Operand<TFloat32> v = heads(x, attention + ".v_proj", inputIds, heads);
            x = addAttended(x, inBlock("encoder", block, "self_attention"), attention, q, k, v, inputBias());
            x = tap(inBlock("encoder", block, "hidden"), addFeedForward(x, "encoder", block));
        }
        return tap("encoder.last_hidden_state", x);
    }

    @Override
    protected List<Operand<TFloat32>> crossKeysValues(Operand<TFloat32> encoded) {
        List<Operand<TFloat32>> keysValues = new ArrayList<>();
        for (int block = 0; block < config.decoder().layers(); block++) {
            String attention = BartNames.layer("decoder", block, "encoder_attn");
            keysValues.add(heads(
                    encoded, attention + ".k_proj", inputIds, config.decoder().heads()));
            keysValues.add(heads(
                    encoded, attention + ".v_proj", inputIds, config.decoder().heads()));
        }
        return keysValues;
    }

    @Override
    protected Operand<TFloat32> teacherForcedDecoder(Operand<TFloat32> encoded) {
        List<Operand<TFloat32>> crossKeysValues = crossKeysValues(encoded);
        int heads = config.decoder().heads();
        Operand<TFloat32> x = embed(decoderIds, decoderPositions, "decoder");
        for (int block = 0; block < config.decoder().layers(); block++) {
            String attention = BartNames.layer("decoder", block, "self_attn");
            Operand<TFloat32> q = queries(x, attention, decoderIds, heads);
            Operand<TFloat32> k = heads(x, attention + ".k_proj", decoderIds, heads);
            Operand<TFloat32> v = heads(x, attention + ".v_proj", decoderIds, heads);
            x = addAttended(x, inBlock("decoder", block, "self_attention"), attention, q, k, v, causalBias);
            x = addFoundInInputs(x, block, decoderIds, crossKeysValues);
            x = tap(inBlock("decoder", block, "hidden"), addFeedForward(x, "decoder", block));
        }
        return tap("decoder.last_hidden_state", x);
    }

    @Override
    protected Operand<TFloat32> decoderStep(List<? extends Operand<TFloat32>> crossKeysValues, KeyValueCache cache) {
        int heads = config.decoder().heads();
        Operand<TInt32> idsByInput = stepIdsByInput();
        Operand<TFloat32> x = embed(stepIds, decoderPositions, "decoder");
        for (int block = 0; block < config.decoder().layers(); block++) {
            String attention = BartNames.layer("decoder", block, "self_attn");
            Operand<TFloat32> q = queries(x, attention, stepIds, heads);
            Operand<TFloat32> k = cache.append(heads(x, attention + ".k_proj", stepIds, heads));
            Operand<TFloat32> v = cache.append(heads(x, attention + ".v_proj", stepIds, heads));
            x = addAttended(x, inBlock("decoder", block, "self_attention"), attention, q, k, v, causalBias);
            x = addFoundInInputs(x, block, idsByInput, crossKeysValues);
            x = tap(inBlock("decoder", block, "hidden"), addFeedForward(x, "decoder", block));
        }
        return tap("decoder.last_hidden_state", x);
    }

    /** Looks up [B, length] ids and their positions; returns [B·length, D]. */
    private Operand<TFloat32> embed(Operand<TInt32> ids, Operand<TInt32> positions, String stack) {
        float scale = config.scaleEmbedding() ? (float) Math.sqrt(config.dModel()) : 1f;
        Operand<TFloat32> tokens = layers.lookUp(BartNames.SHARED, ids); // [B, length, D]
        Operand<TFloat32> places = layers.lookUp(BartNames.positions(stack), positions); // [length, D]
        Operand<TFloat32> sum = tf.math.add(tf.math.mul(tokens, tf.constant(scale)), places);
        Operand<TFloat32> rows = tf.reshape(sum, tf.constant(new int[] {-1, config.dModel()}));
        return layers.dropout(norm(rows, BartNames.embeddingNorm(stack)));
    }

    /** Returns norm(x + what x finds in the inputs), [B·length, D]; {@code ids}, [B, length], tells the batch. */
    private Operand<TFloat32> addFoundInInputs(
            Operand<TFloat32> x, int block, Operand<TInt32> ids, List<? extends Operand<TFloat32>> keysValues) {
        String attention = BartNames.layer("decoder", block, "encoder_attn");
        Operand<TFloat32> q = queries(x, attention, ids, config.decoder().heads());
        String tap = inBlock("decoder", block, "cross_attention");
        return addAttended(x, tap, attention, q, keysValues.get(2 * block), keysValues.get(2 * block + 1), inputBias());
    }

    /** Returns norm(x + attention), [B·length, D]. */
    private Operand<TFloat32> addAttended(
            Operand<TFloat32> x,
            String tap,
            String attention,
            Operand<TFloat32> q,
            Operand<TFloat32> k,
            Operand<TFloat32> v,
            Operand<TFloat32> bias) {
        Operand<TFloat32> attended = linear(attend(tap, q, k, v, bias, config.dModel()), attention + ".out_proj");
        return norm(tf.math.add(x, layers.dropout(attended)), attention + "_layer_norm");
    }

    /** Returns norm(x + feed-forward), [B·length, D]. */
    private Operand<TFloat32> addFeedForward(Operand<TFloat32> x, String stack, int block) {
        Operand<TFloat32> inner =
                layers.dropout(Activations.erfGelu(tf, linear(x, BartNames.layer(stack, block, "fc1"))));
        Operand<TFloat32> outer = linear(inner, BartNames.layer(stack, block, "fc2"));
        return norm(tf.math.add(x, layers.dropout(outer)), BartNames.layer(stack, block, "final_layer_norm"));
    }

    /** Returns queries times 1/√K, [B, H, length, K]. */
    private Operand<TFloat32> queries(Operand<TFloat32> x, String attention, Operand<TInt32> ids, int heads) {
        float scale = (float) Math.pow((double) config.dModel() / heads, -0.5);
        return tf.math.mul(heads(x, attention + ".q_proj", ids, heads), tf.constant(scale));
    }

    /** Multiplies x, [B·length, D], into heads, [B, H, length, K]; {@code ids}, [B, length], tells the batch. */
    private Operand<TFloat32> heads(Operand<TFloat32> x, String layer, Operand<TInt32> ids, int heads) {
        return layers.splitHeads(linear(x, layer), ids, heads, config.dModel() / heads);
    }

    /** Layer norm of Ba et al., 2016; x and result [rows, D]. */
    private Operand<TFloat32> norm(Operand<TFloat32> x, String layer) {
        Operand<TFloat32> centred = tf.math.sub(x, tf.math.mean(x, tf.constant(1), Mean.keepDims(true)));
        Operand<TFloat32> variance = tf.math.mean(tf.math.square(centred), tf.constant(1), Mean.keepDims(true));
        Operand<TFloat32> scale = tf.math.rsqrt(tf.math.add(variance, tf.constant(LAYER_NORM_EPSILON)));
        return tf.math.add(
                tf.math.mul(tf.math.mul(centred, scale), layers.weight(BartNames.weight(layer))),
                layers.weight(BartNames.bias(layer)));
    }

    /** Multiplies [rows, in] by the transpose of [out, in] and adds the bias. */
    private Operand<TFloat32> linear(Operand<TFloat32> x, String layer) {
        return layers.multiply(x, BartNames.weight(layer), BartNames.bias(layer));
    }

    @Override
    protected void feedInputPositions(Feed feed, int length) {
        feed.ints(inputPositions, positions(0, length), length);
    }

    @Override
    protected void feedDecoderPositions(Feed feed, int first, int count) {
        feed.ints(decoderPositions, positions(first, count), count);
    }

    /** Returns rows of the position embeddings; padding beyond the last shares its row. */
    private int[] positions(int first, int count) {
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = POSITION_OFFSET + Math.min(first + i, config.maxPositionEmbeddings() - 1);
        }
        return rows;
    }
}
