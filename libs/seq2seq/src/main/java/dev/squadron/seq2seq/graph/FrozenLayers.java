package dev.squadron.seq2seq.graph;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Layers whose weights stay as they were loaded. */
final class FrozenLayers implements Layers {
    private final Ops tf;

    /** The weights; declared, without values yet. */
    final Variables weights;

    /** @param shapes of all weights, by name */
    FrozenLayers(Ops tf, Map<String, long[]> shapes) {
        this.tf = tf;
        this.weights = new Variables(tf);
        shapes.forEach(weights::declare);
    }

    @Override
    public Ops tf() {
        return tf;
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return weights.value(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return tf.resourceGather(weights.handle(weight), ids, TFloat32.class);
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        return tf.linalg.matMul(x, weights.value(weight), MatMul.transposeB(true));
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return x;
    }
}
