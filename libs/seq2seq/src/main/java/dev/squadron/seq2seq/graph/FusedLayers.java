package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Processor;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Layers whose weights stay as they were loaded, in fp32, and whose products are fused with what follows them. Products and heads can be
 * computed in parts, side by side, which keeps several cores at work on one example.
 */
final class FusedLayers implements Layers {
    private final FrozenLayers plain;
    private final FusedProducts products;
    private final int parts;

    /** @param keepsPacked whether weights are kept as products need them, which takes up to three times their memory more */
    FusedLayers(Ops tf, FrozenWeights weights, boolean keepsPacked) {
        this(new FrozenLayers(tf, weights), new FusedProducts(tf, keepsPacked), 1);
    }

    private FusedLayers(FrozenLayers plain, FusedProducts products, int parts) {
        this.plain = plain;
        this.products = products;
        this.parts = parts;
    }

    @Override
    public Layers inParts(int count) {
        return new FusedLayers(plain, products, count);
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
        int count = partsOfRows(weight);
        return Parts.compute(tf(), count, part -> products.multiply(x, rows(weight, part, count)));
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        int count = partsOfRows(weight);
        return Parts.compute(
                tf(), count, part -> products.multiply(x, rows(weight, part, count), rows(bias, part, count)));
    }

    @Override
    public Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
        int count = partsOfRows(weight);
        return Parts.compute(
                tf(), count, part -> products.add(y, rows(weight, part, count), Parts.get(tf(), x, part, count)));
    }

    @Override
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        int count = partsOfRows(weight);
        return Parts.compute(tf(), count, part -> tf().math
                .mul(gelu(x, rows(gate, part, count)), products.multiply(x, rows(weight, part, count))));
    }

    /** Without VNNI oneDNN's GELU takes longer than TensorFlow's operations for it. */
    private Operand<TFloat32> gelu(Operand<TFloat32> x, Operand<TFloat32> weight) {
        return Processor.hasVnni()
                ? products.gelu(x, weight)
                : Activations.tanhGelu(tf(), products.multiply(x, weight));
    }

    @Override
    public Operand<TFloat32> splitHeads(Operand<TFloat32> x, Operand<TInt32> ids, int heads, int width) {
        int count = partsOf(heads);
        return Parts.compute(
                tf(), count, part -> Attention.split(tf(), Parts.get(tf(), x, part, count), ids, heads / count, width));
    }

    /** Heads are in parts where queries and keys are; what a cache keeps stays whole. */
    @Override
    public Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        int count = q instanceof Parts && k instanceof Parts ? parts : 1;
        boolean sameForAll = bias.shape().get(1) == 1;
        return Parts.compute(
                tf(),
                count,
                part -> Attention.shares(
                        new MatrixStacks(tf(), true),
                        Parts.get(tf(), q, part, count),
                        Parts.get(tf(), k, part, count),
                        sameForAll ? bias : Parts.get(tf(), bias, part, count)));
    }

    @Override
    public Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        int count = shares instanceof Parts && v instanceof Parts ? parts : 1;
        return Parts.compute(
                tf(),
                count,
                part -> Attention.mix(
                        new MatrixStacks(tf(), true),
                        Parts.get(tf(), shares, part, count),
                        Parts.get(tf(), v, part, count),
                        width / count));
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

    /** Returns in how many parts something that there is so often can be computed. */
    private int partsOf(long size) {
        return size % parts == 0 ? parts : 1;
    }

    private int partsOfRows(String weight) {
        return partsOf(weight(weight).shape().get(0));
    }

    private Operand<TFloat32> rows(String weight, int part, int count) {
        return Parts.rows(tf(), weight(weight), part, count);
    }
}
