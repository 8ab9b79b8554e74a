package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Layers whose weights stay as they were loaded, in fp32, and whose products are fused with what follows them. */
final class FusedLayers implements Layers {
    private final FrozenLayers plain;
    private final FusedProducts products;

    FusedLayers(Ops tf, FrozenWeights weights) {
        this.plain = new FrozenLayers(tf, weights);
        this.products = new FusedProducts(tf);
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
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        return tf().math.mul(products.gelu(x, weight(gate)), multiply(x, weight));
    }

    @Override
    public int fewRows() {
        return FusedProducts.FEW_ROWS;
    }
}
