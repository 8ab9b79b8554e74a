package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A family of encoder-decoders as a TensorFlow graph: what all have in common, and the four functions that a family gives.
 *
 * <p>Shapes: B batch, S input length, T label length, R decoding rows (B, or a multiple of it where an input has several beams),
 * Q positions of a step, P cached positions, D d_model, H heads, K width of a head, V vocabulary. Inside the stacks a sequence is a matrix
 * [B·length, D].
 */
public abstract class EncoderDecoderGraph {
    private static final float MASKED = -1e9f;

    protected final Ops tf;

    /** The weights of the backbone, and what is done with them. */
    protected final Layers layers;

    /** Input ids, [B, S]. */
    protected final Placeholder<TInt32> inputIds;

    /** 1 for a token, 0 for padding, [B, S]. */
    protected final Placeholder<TFloat32> inputMask;

    /** Decoder inputs of a teacher-forced pass, [B, T]. */
    protected final Placeholder<TInt32> decoderIds;

    /** 0 where a decoder position may look, {@value #MASKED} where not, [T, T], or [Q, P + Q] in a step. */
    protected final Placeholder<TFloat32> causalBias;

    /** The tokens of a step, [R, Q]; rows of an input stand together. */
    protected final Placeholder<TInt32> stepIds;

    /** What can be looked at. */
    final Taps taps = new Taps();

    /** Makes the inputs. */
    protected EncoderDecoderGraph(Layers layers) {
        this.layers = layers;
        tf = layers.tf();
        inputIds = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        inputMask = tf.placeholder(TFloat32.class, shape(Shape.of(-1, -1)));
        decoderIds = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
        causalBias = tf.placeholder(TFloat32.class, shape(Shape.of(-1, -1)));
        stepIds = tf.placeholder(TInt32.class, shape(Shape.of(-1, -1)));
    }

    /** Returns the encoder's final states, [B·S, D]. */
    protected abstract Operand<TFloat32> encoder();

    /**
     * Returns keys and values of the inputs for each decoder block: K, V, K, V, …, each [B, H, S, K].
     *
     * @param encoded what {@link #encoder} gave
     */
    protected abstract List<Operand<TFloat32>> crossKeysValues(Operand<TFloat32> encoded);

    /**
     * Returns the final states of the decoder over whole label sequences, [B·T, D], after the last norm.
     *
     * @param encoded what {@link #encoder} gave
     */
    protected abstract Operand<TFloat32> teacherForcedDecoder(Operand<TFloat32> encoded);

    /** Returns the final states of the decoder at the next positions, [R·Q, D], their past taken from the cache. */
    protected abstract Operand<TFloat32> decoderStep(
            List<? extends Operand<TFloat32>> crossKeysValues, KeyValueCache cache);

    /** Feeds what the family knows of the positions of inputs of {@code length} tokens. */
    protected abstract void feedInputPositions(Feed feed, int length);

    /** Feeds what the family knows of decoder positions, {@code count} of them from {@code first} on. */
    protected abstract void feedDecoderPositions(Feed feed, int first, int count);

    /** Lets hidden states of a stack, [B·length, D], be looked at under a name; returns them. */
    protected final Operand<TFloat32> tap(String name, Operand<TFloat32> states) {
        taps.put(name, states);
        return states;
    }

    /** Returns the name of something in a block of a stack. */
    protected static String inBlock(String stack, int block, String what) {
        return stack + ".block." + block + "." + what;
    }

    /**
     * Attention without a scale of its own.
     *
     * @param tap the name under which its shares, [B, H, Q, L], can be looked at
     * @param q [B, H, Q, K]
     * @param k [B, H, L, K]
     * @param v [B, H, L, K]
     * @param bias broadcasts to [B, H, Q, L]
     * @param width H·K
     * @return [B·Q, H·K]
     */
    protected final Operand<TFloat32> attend(
            String tap,
            Operand<TFloat32> q,
            Operand<TFloat32> k,
            Operand<TFloat32> v,
            Operand<TFloat32> bias,
            int width) {
        Operand<TFloat32> shares = layers.attentionShares(q, k, bias); // [B, H, Q, L]
        taps.put(tap, shares);
        return layers.mixHeads(layers.dropout(shares), v, width);
    }

    /**
     * Attention of a whole label sequence to the inputs, without a scale of its own.
     *
     * @param tap the name under which its shares, [B, H, T, S], can be looked at
     * @param q [B, H, T, K]
     * @param encoded [B·S, D]
     * @param keys the weight that makes keys of {@code encoded}, [H·K, D]
     * @param values the weight that makes its values, [H·K, D]
     * @param heads H
     * @param width K
     * @return [B·T, H·K]
     */
    protected final Operand<TFloat32> attendToInputs(
            String tap,
            Operand<TFloat32> q,
            Operand<TFloat32> encoded,
            String keys,
            String values,
            int heads,
            int width) {
        Operand<TFloat32> shares = layers.inputShares(q, encoded, keys, inputIds, inputBias(), heads, width);
        taps.put(tap, shares);
        return layers.mixInputs(layers.dropout(shares), encoded, values, inputIds, heads, width);
    }

    /** Returns the tokens of a step by the input that they belong to, [B, R·Q / B]. */
    protected final Operand<TInt32> stepIdsByInput() {
        return tf.reshape(stepIds, tf.stack(List.of(rows(inputMask), tf.constant(-1))));
    }

    /** Returns the bias that hides padding of the inputs, [B, 1, 1, S]. */
    protected final Operand<TFloat32> inputBias() {
        Operand<TFloat32> hidden = tf.math.mul(tf.math.sub(tf.constant(1f), inputMask), tf.constant(MASKED));
        return tf.expandDims(tf.expandDims(hidden, tf.constant(1)), tf.constant(1));
    }

    private Operand<TInt32> rows(Operand<?> matrix) {
        return tf.gather(tf.shape(matrix), tf.constant(0), tf.constant(0));
    }

    /** Feeds inputs. */
    final void feedInputs(Feed feed, Padded inputs) {
        int length = inputs.length();
        feed.ints(inputIds, inputs.ids(), inputs.rows(), length);
        feed.floats(inputMask, inputs.mask(), inputs.rows(), length);
        feedInputPositions(feed, length);
    }

    /** Feeds what a teacher-forced decoder is given. */
    final void feedDecoder(Feed feed, Padded decoderInputs) {
        int length = decoderInputs.length();
        feed.ints(decoderIds, decoderInputs.ids(), decoderInputs.rows(), length);
        feedDecoderPlaces(feed, 0, length);
    }

    /** Feeds what a step is given: {@code count} tokens for each of {@code rows}, after {@code past} positions. */
    final void feedStep(Feed feed, int[] ids, int rows, int past) {
        int count = ids.length / rows;
        feed.ints(stepIds, ids, rows, count);
        feedDecoderPlaces(feed, past, count);
    }

    private void feedDecoderPlaces(Feed feed, int first, int count) {
        feed.floats(causalBias, causalBias(first, count), count, first + count);
        feedDecoderPositions(feed, first, count);
    }

    /** Returns the bias that hides what follows each of {@code count} positions, [count, first + count] row by row. */
    private static float[] causalBias(int first, int count) {
        int length = first + count;
        float[] bias = new float[count * length];
        for (int query = 0; query < count; query++) {
            for (int key = first + query + 1; key < length; key++) {
                bias[query * length + key] = MASKED;
            }
        }
        return bias;
    }
}
