package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Layers whose weights stay as they were loaded, and which compute in fp32 and as they are defined: the reference. A weight that is
 * kept in bf16 is widened where it is used, one at a time.
 */
final class FrozenLayers implements Layers {
    private final Ops tf;
    private final FrozenWeights weights;

    FrozenLayers(Ops tf, FrozenWeights weights) {
        this.tf = tf;
        this.weights = weights;
    }

    @Override
    public Ops tf() {
        return tf;
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return weights.isNarrow(name) ? tf.dtypes.cast(weights.narrow(name), TFloat32.class) : weights.wide(name);
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        return weights.isNarrow(weight)
                ? tf.dtypes.cast(tf.resourceGather(weights.handle(weight), ids, TBfloat16.class), TFloat32.class)
                : tf.resourceGather(weights.handle(weight), ids, TFloat32.class);
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        Operand<TFloat32> wide = weights.isNarrow(weight)
                ? tf.withControlDependencies(x).dtypes.cast(weights.narrow(weight), TFloat32.class)
                : weights.wide(weight);
        return tf.linalg.matMul(x, wide, MatMul.transposeB(true));
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return x;
    }
}
