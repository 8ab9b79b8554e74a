package dev.squadron.seq2seq.training.optimizer;

import dev.squadron.seq2seq.graph.Variables;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec.Rule;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Adam in Keras' form, which TensorFlow's operation has; PyTorch's form is the same with ε · √(1−β₂ᵗ) for ε. */
final class Adam extends Optimizer {
    private final Operand<TFloat32> beta1Power;
    private final Operand<TFloat32> beta2Power;
    private final Operand<TFloat32> epsilon;

    Adam(Ops tf, Variables variables, OptimizerSpec spec) {
        super(tf, variables, spec);
        beta1Power = number((t, rate) -> Math.pow(spec.beta1(), (double) t));
        beta2Power = number((t, rate) -> Math.pow(spec.beta2(), (double) t));
        epsilon = spec.rule() == Rule.ADAM_KERAS
                ? tf.constant(spec.epsilon())
                : number((t, rate) -> spec.epsilon() * Math.sqrt(1 - Math.pow(spec.beta2(), (double) t)));
    }

    @Override
    public Op update(String variable, long[] shape, Operand<TFloat32> gradient, boolean decays) {
        Ops after = tf;
        if (decays && spec.weightDecay() != 0) {
            Operand<TFloat32> decayed =
                    tf.math.mul(variables.value(variable), tf.math.mul(learningRate, tf.constant(spec.weightDecay())));
            Op decay = tf.withControlDependencies(gradient).assignSubVariableOp(variables.handle(variable), decayed);
            after = tf.withControlDependencies(decay);
        }
        return after.train.resourceApplyAdam(
                variables.handle(variable),
                variables.handle(slot(variable, "first_moment", shape)),
                variables.handle(slot(variable, "second_moment", shape)),
                beta1Power,
                beta2Power,
                learningRate,
                tf.constant(spec.beta1()),
                tf.constant(spec.beta2()),
                epsilon,
                gradient);
    }
}
