package dev.squadron.seq2seq.training.optimizer;

import dev.squadron.seq2seq.graph.Variables;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** u = momentum · u + g, w −= lr · u. */
final class Sgd extends Optimizer {

    Sgd(Ops tf, Variables variables, OptimizerSpec spec) {
        super(tf, variables, spec);
    }

    @Override
    public Op update(String variable, long[] shape, Operand<TFloat32> gradient, boolean decays) {
        if (spec.momentum() == 0) {
            return tf.train.resourceApplyGradientDescent(variables.handle(variable), learningRate, gradient);
        }
        return tf.train.resourceApplyMomentum(
                variables.handle(variable),
                variables.handle(slot(variable, "momentum", shape)),
                learningRate,
                gradient,
                tf.constant(spec.momentum()));
    }
}
