package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.graph.MatrixStacks.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Layers whose weights stay as they were loaded, in fp32, and whose products are fused with what follows them. */
final class FusedLayers implements Layers {
    private final FrozenLayers plain;
    private final FrozenWeights weights;
    private final FusedProducts products;
    private final boolean keepsPacked;
    private final MatrixStacks stacks;

    /** @param keepsPacked whether weights are kept as products need them, which takes up to three times their memory more */
    FusedLayers(Ops tf, FrozenWeights weights, boolean keepsPacked) {
        this(
                new FrozenLayers(tf, weights),
                weights,
                new FusedProducts(tf, keepsPacked),
                keepsPacked,
                MatrixStacks.ofManyRows(tf));
    }

    private FusedLayers(
            FrozenLayers plain,
            FrozenWeights weights,
            FusedProducts products,
            boolean keepsPacked,
            MatrixStacks stacks) {
        this.plain = plain;
        this.weights = weights;
        this.products = products;
        this.keepsPacked = keepsPacked;
        this.stacks = stacks;
    }

    @Override
    public Layers ofSteps(boolean haveFewRows) {
        MatrixStacks ofSteps = new MatrixStacks(tf(), haveFewRows ? Rows.SINGLE : Rows.ANY);
        return new FusedLayers(plain, weights, products, keepsPacked, ofSteps);
    }

    @Override
    public Layers inParts(int count) {
        return new LayersInParts(this, weights, count, keepsPacked);
    }

    @Override
    public Ops tf() {
        return plain.tf();
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return plain.weight(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return plain.lookUp(weight, ids);
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return x;
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        return products.multiply(x, weight(weight));
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        return products.multiply(x, weight(weight), weight(bias));
    }

    @Override
    public Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
        return products.add(y, weight(weight), x);
    }

    /** Without VNNI oneDNN's GELU takes longer than TensorFlow's operations for it. */
    @Override
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        Operand<TFloat32> gated = Processor.hasVnni()
                ? products.gelu(x, weight(gate))
                : Activations.tanhGelu(tf(), products.multiply(x, weight(gate)));
        return tf().math.mul(gated, products.multiply(x, weight(weight)));
    }

    @Override
    public Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        return Attention.shares(stacks, q, k, bias);
    }

    @Override
    public Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        return Attention.mix(stacks, shares, v, width);
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
        return new InputAttention(tf(), ids, heads, width).shares(q, x, weight(weight), bias);
    }

    @Override
    public Operand<TFloat32> mixInputs(
            Operand<TFloat32> shares, Operand<TFloat32> x, String weight, Operand<TInt32> ids, int heads, int width) {
        return new InputAttention(tf(), ids, heads, width).mix(shares, x, weight(weight));
    }

    @Override
    public int fewRows() {
        return products.fewRows();
    }
}
