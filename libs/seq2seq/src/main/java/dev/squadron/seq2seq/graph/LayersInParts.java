package dev.squadron.seq2seq.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Layers that compute in parts, side by side, which keeps several cores at work on one example. A part has some of the heads, or some of
 * the columns within a feed-forward layer, and computes them from the first product to the last, whose results are added up. So parts wait
 * for each other once an attention and once a feed-forward layer: Shoeybi et al., “Megatron-LM: Training Multi-Billion Parameter
 * Language Models Using Model Parallelism”, 2019.
 */
final class LayersInParts implements Layers {
    private final Layers layers;
    private final FrozenWeights weights;
    private final int parts;
    private final boolean keepsColumns;
    private final Map<Output<?>, List<Operand<TFloat32>>> biases = new HashMap<>();

    /**
     * @param layers what computes a part
     * @param keepsColumns whether the columns that a part has of a weight are kept, which takes their memory once more; else parts meet before
     *     the last product, and each computes some columns of its result
     */
    LayersInParts(Layers layers, FrozenWeights weights, int parts, boolean keepsColumns) {
        this.layers = layers;
        this.weights = weights;
        this.parts = parts;
        this.keepsColumns = keepsColumns;
    }

    @Override
    public Ops tf() {
        return layers.tf();
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return layers.weight(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return layers.lookUp(weight, ids);
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return x;
    }

    @Override
    public Layers ofSteps(boolean haveFewRows) {
        return new LayersInParts(layers.ofSteps(haveFewRows), weights, parts, keepsColumns);
    }

    /** Steps of many rows keep the cores at work as they are, with fewer operations. */
    @Override
    public int fewRows() {
        return FusedProducts.FEW_ROWS;
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        if (isSum(x)) {
            return addRest(layers.multiply(Parts.get(tf(), x, 0, parts), columns(weight, 0)), x, weight);
        }
        int count = partsOfRows(weight);
        return Parts.compute(tf(), count, part -> layers.multiply(Parts.whole(x), weights.rows(weight, part, count)));
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight, String bias) {
        if (isSum(x)) {
            return addRest(layers.multiply(Parts.get(tf(), x, 0, parts), columns(weight, 0), bias), x, weight);
        }
        int count = partsOfRows(weight);
        return Parts.compute(
                tf(),
                count,
                part -> layers.multiply(
                        Parts.whole(x), weights.rows(weight, part, count), weights.rows(bias, part, count)));
    }

    @Override
    public Operand<TFloat32> addProduct(Operand<TFloat32> x, Operand<TFloat32> y, String weight) {
        if (isSum(y)) {
            return addRest(layers.addProduct(x, Parts.get(tf(), y, 0, parts), columns(weight, 0)), y, weight);
        }
        int count = partsOfRows(weight);
        return Parts.compute(
                tf(),
                count,
                part -> layers.addProduct(
                        Parts.get(tf(), x, part, count), Parts.whole(y), weights.rows(weight, part, count)));
    }

    @Override
    public Operand<TFloat32> gatedGelu(Operand<TFloat32> x, String gate, String weight) {
        int count = partsOfRows(weight);
        return Parts.compute(
                tf(),
                count,
                part -> layers.gatedGelu(
                        Parts.whole(x), weights.rows(gate, part, count), weights.rows(weight, part, count)));
    }

    @Override
    public Operand<TFloat32> splitHeads(Operand<TFloat32> x, Operand<TInt32> ids, int heads, int width) {
        int count = x instanceof Parts && heads % parts == 0 ? parts : 1;
        return Parts.compute(
                tf(), count, part -> layers.splitHeads(Parts.get(tf(), x, part, count), ids, heads / count, width));
    }

    @Override
    public Operand<TFloat32> attentionShares(Operand<TFloat32> q, Operand<TFloat32> k, Operand<TFloat32> bias) {
        int count = k instanceof Parts ? parts : 1;
        boolean sameForAll =
                count == 1 || bias.shape().numDimensions() < 4 || bias.shape().get(1) == 1;
        return Parts.compute(
                tf(),
                count,
                part -> layers.attentionShares(
                        Parts.get(tf(), q, part, count),
                        Parts.get(tf(), k, part, count),
                        sameForAll ? bias : partsOfBias(bias).get(part)));
    }

    @Override
    public Operand<TFloat32> mixHeads(Operand<TFloat32> shares, Operand<TFloat32> v, int width) {
        int count = v instanceof Parts ? parts : 1;
        return Parts.compute(
                tf(),
                count,
                part -> layers.mixHeads(
                        Parts.get(tf(), shares, part, count), Parts.get(tf(), v, part, count), width / count));
    }

    private boolean isSum(Operand<TFloat32> x) {
        return keepsColumns && x instanceof Parts;
    }

    /** Adds the products of all parts but the first. */
    private Operand<TFloat32> addRest(Operand<TFloat32> first, Operand<TFloat32> x, String weight) {
        Operand<TFloat32> sum = first;
        for (int part = 1; part < parts; part++) {
            sum = tf().math.add(sum, layers.multiply(Parts.get(tf(), x, part, parts), columns(weight, part)));
        }
        return sum;
    }

    private String columns(String weight, int part) {
        return weights.columns(weight, part, parts);
    }

    private int partsOfRows(String weight) {
        return weights.countRows(weight) % parts == 0 ? parts : 1;
    }

    /** All blocks have the same bias, which is cut once. */
    private List<Operand<TFloat32>> partsOfBias(Operand<TFloat32> bias) {
        return biases.computeIfAbsent(bias.asOutput(), key -> Parts.cut(tf(), bias, parts));
    }
}
