package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What a family's graph is built of: the model's weights and everything that touches them. A family says what is computed; the
 * layers decide whether weights are frozen or learn, what training adds, and how it is computed: what has a body here is defined by
 * it, and layers that know a faster way to the same may take that.
 */
public interface Layers {

    /** Returns the maker of operations in the graph. */
    Ops tf();

    /** Returns a weight. */
    Operand<TFloat32> weight(String name);

    /** Returns the rows of a matrix, [rows, D], that {@code ids} of any shape name: that shape and D. */
    Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids);

    /** Multiplies x, [n, in], by the transpose of a weight [out, in]: [n, out]. */
    Operand<TFloat32> multiply(Operand<TFloat32> x, String weight);

    /** Returns x where results are wanted; in training some of its elements may be 0 and the others larger. */
    Operand<TFloat32> dropout(Operand<TFloat32> x);

    /** Returns x · Wᵀ + b, [n, out], of x, [n, in], a weight [out, in] and a bias [out]. */
    default Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        return tf().math.add(multiply(x, weight), weight(bias));
    }

    /** Returns x + dropout(y · Wᵀ), [n, out], of x, [n, out], y, [n, in], and a weight [out, in]. */
    default Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
        return tf().math.add(x, dropout(multiply(y, weight)));
    }

    /**
     * Returns GELU(x · Gᵀ) ∘ (x · Wᵀ), [n, out], of x, [n, in], and weights [out, in]: GEGLU of Shazeer, “GLU Variants Improve
     * Transformer”, 2020.
     */
    default Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        return tf().math.mul(Activations.tanhGelu(tf(), multiply(x, gate)), multiply(x, weight));
    }

    /** Splits x, [B·length, H·K], into heads, [B, H, length, K]; {@code ids}, [B, length], tells the batch. */
    default Operand<TFloat32> splitHeads(Operand<TFloat32> x, Operand<TInt32> ids, int heads, int width) {
        return Attention.split(tf(), x, ids, heads, width);
    }

    /** Returns softmax(q · kᵀ + bias), [B, H, Q, L], of q, [B, H, Q, K], k, [B, H, L, K], and a bias that broadcasts to it. */
    default Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        return Attention.shares(MatrixStacks.ofManyRows(tf()), q, k, bias);
    }

    /** Returns shares · v, its heads side by side, [B·Q, H·K], of shares, [B, H, Q, L], and v, [B, H, L, K]. */
    default Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        return Attention.mix(MatrixStacks.ofManyRows(tf()), shares, v, width);
    }

    /**
     * Returns the attention that few queries, [B, H, Q, K], pay to inputs x, [B·L, D], whose keys are the heads of x · Wᵀ: softmax(q · kᵀ +
     * bias), [B, H, Q, L].
     *
     * @param weight [H·K, D]
     * @param ids [B, L], tells the batch
     * @param bias broadcasts to what is returned
     */
    default Operand<TFloat32> inputShares(
            Operand<TFloat32> q,
            Operand<TFloat32> x,
            String weight,
            Operand<TInt32> ids,
            Operand<TFloat32> bias,
            int heads,
            int width) {
        return attentionShares(q, splitHeads(multiply(x, weight), ids, heads, width), bias);
    }

    /**
     * Returns shares · v, [B·Q, H·K], of the few queries' shares, [B, H, Q, L], in inputs x, [B·L, D], whose values are the heads of x ·
     * Wᵀ.
     *
     * @param weight [H·K, D]
     * @param ids [B, L], tells the batch
     */
    default Operand<TFloat32> mixInputs(
            Operand<TFloat32> shares, Operand<TFloat32> x, String weight, Operand<TInt32> ids, int heads, int width) {
        return mixHeads(shares, splitHeads(multiply(x, weight), ids, heads, width), heads * width);
    }

    /**
     * Returns layers that compute the same in {@code count} parts, side by side, which keeps that many cores at work on one example;
     * these where they know no such way.
     */
    default Layers inParts(int count) {
        return this;
    }

    /**
     * Returns layers that compute the same in the steps of a decoder.
     *
     * @param haveFewRows whether steps have up to {@link #fewRows}
     */
    default Layers ofSteps(boolean haveFewRows) {
        return this;
    }

    /**
     * Returns up to how many rows steps are computed in one way, when they are in another for more; 0 where there is one way. A decoder
     * whose steps have few rows now and many then, had better be built twice.
     */
    default int fewRows() {
        return 0;
    }
}
