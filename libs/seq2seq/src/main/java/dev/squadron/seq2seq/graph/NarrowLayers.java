package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Layers whose weights stay as they were loaded, in bf16. Products and attention are bf16; what is carried from block to block, and
 * what a family computes itself, norms above all, is fp32.
 */
final class NarrowLayers implements Layers {
    private final Ops tf;
    private final FrozenWeights weights;
    private final Products products;
    private final boolean isSmall;

    /** @param isSmall whether weights are so few that parts can keep theirs once more */
    NarrowLayers(Ops tf, FrozenWeights weights, Products products, boolean isSmall) {
        this.tf = tf;
        this.weights = weights;
        this.products = products;
        this.isSmall = isSmall;
    }

    @Override
    public Layers inParts(int count) {
        return isSmall ? new LayersInParts(this, weights, count, true) : this;
    }

    @Override
    public Ops tf() {
        return tf;
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return weights.isNarrow(name) ? wide(weights.narrow(name)) : weights.wide(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return wide(tf.resourceGather(weights.handle(weight), ids, TBfloat16.class));
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return x;
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        return wide(products.multiply(narrow(x), weights.narrow(weight)));
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        return wide(products.multiply(narrow(x), weights.narrow(weight), narrow(weights.wide(bias))));
    }

    @Override
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        Operand<TBfloat16> y = narrow(x);
        return wide(tf.math.mul(products.gelu(y, weights.narrow(gate)), products.multiply(y, weights.narrow(weight))));
    }

    @Override
    public Operand<TFloat32> splitHeads(Operand<TFloat32> x, Operand<TInt32> ids, int heads, int width) {
        return wide(Attention.split(tf, narrow(x), ids, heads, width));
    }

    @Override
    public Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        return wide(Attention.shares(MatrixStacks.ofManyRows(tf), narrow(q), narrow(k), narrow(bias)));
    }

    @Override
    public Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        return wide(Attention.mix(MatrixStacks.ofManyRows(tf), narrow(shares), narrow(v), width));
    }

    @Override
    public Operand<TFloat32> inputShares(
            Operand<TFloat32> q,
            Operand<TFloat32> x,
            String weight,
            Operand<TInt32> ids,
            Operand<TFloat32> bias,
            int heads,
            int width) {
        return wide(new InputAttention(tf, ids, heads, width)
                .shares(narrow(q), narrow(x), weights.narrow(weight), narrow(bias)));
    }

    @Override
    public Operand<TFloat32> mixInputs(
            Operand<TFloat32> shares, Operand<TFloat32> x, String weight, Operand<TInt32> ids, int heads, int width) {
        return wide(new InputAttention(tf, ids, heads, width).mix(narrow(shares), narrow(x), weights.narrow(weight)));
    }

    private Operand<TBfloat16> narrow(Operand<TFloat32> x) {
        return Narrow.value(tf, x);
    }

    private Operand<TFloat32> wide(Operand<TBfloat16> x) {
        return Narrow.of(tf, x);
    }
}
