package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Layers whose products with weights are int8. Everything else, attention above all, is left to other layers. */
final class QuantizedLayers implements Layers {
    private final Layers others;
    private final FrozenWeights weights;
    private final QuantizedProducts products;

    /** @param others compute what no weight is multiplied with */
    QuantizedLayers(Layers others, FrozenWeights weights) {
        this(others, weights, false);
    }

    private QuantizedLayers(Layers others, FrozenWeights weights, boolean haveFewRows) {
        this.others = others;
        this.weights = weights;
        this.products = new QuantizedProducts(others.tf(), haveFewRows);
    }

    @Override
    public Layers inParts(int count) {
        return new LayersInParts(this, weights, count, true);
    }

    @Override
    public Layers ofSteps(boolean haveFewRows) {
        return new QuantizedLayers(others.ofSteps(haveFewRows), weights, true);
    }

    @Override
    public Ops tf() {
        return others.tf();
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return others.weight(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return others.lookUp(weight, ids);
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return others.dropout(x);
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        return products.multiply(x, weights.quantized(weight));
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        return products.multiply(x, weights.quantized(weight), weights.wide(bias));
    }

    @Override
    public Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
        return products.add(y, weights.quantized(weight), x);
    }

    @Override
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        return tf().math
                .mul(products.gelu(x, weights.quantized(gate)), products.multiply(x, weights.quantized(weight)));
    }

    @Override
    public Operand<TFloat32> splitHeads(Operand<TFloat32> x, Operand<TInt32> ids, int heads, int width) {
        return others.splitHeads(x, ids, heads, width);
    }

    @Override
    public Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        return others.attentionShares(q, k, bias);
    }

    @Override
    public Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        return others.mixHeads(shares, v, width);
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
        return others.inputShares(q, x, weight, ids, bias, heads, width);
    }

    @Override
    public Operand<TFloat32> mixInputs(
            Operand<TFloat32> shares, Operand<TFloat32> x, String weight, Operand<TInt32> ids, int heads, int width) {
        return others.mixInputs(shares, x, weight, ids, heads, width);
    }
}
