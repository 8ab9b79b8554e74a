package dev.squadron.seq2seq.training.optimizer;

import dev.squadron.seq2seq.graph.Variables;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** r = m̂ / (√v̂ + ε) + decay · w, w −= lr · ‖w‖/‖r‖ · r; the ratio is 1 where either norm is 0. */
final class Lamb extends Optimizer {
    private final Operand<TFloat32> correction1;
    private final Operand<TFloat32> correction2;

    Lamb(Ops tf, Variables variables, OptimizerSpec spec) {
        super(tf, variables, spec);
        correction1 = number((t, rate) -> 1 - Math.pow(spec.beta1(), (double) t));
        correction2 = number((t, rate) -> 1 - Math.pow(spec.beta2(), (double) t));
    }

    @Override
    public Op update(String variable, long[] shape, Operand<TFloat32> gradient, boolean decays) {
        String first = slot(variable, "first_moment", shape);
        String second = slot(variable, "second_moment", shape);
        Operand<TFloat32> weights = variables.value(variable);
        Operand<TFloat32> m = moved(variables.value(first), tf.constant(1 - spec.beta1()), gradient);
        Operand<TFloat32> v = moved(variables.value(second), tf.constant(1 - spec.beta2()), tf.math.square(gradient));
        Operand<TFloat32> divisor = tf.math.add(tf.math.sqrt(tf.math.div(v, correction2)), tf.constant(spec.epsilon()));
        Operand<TFloat32> adapted = tf.math.div(tf.math.div(m, correction1), divisor);
        Operand<TFloat32> r =
                decays ? tf.math.add(adapted, tf.math.mul(weights, tf.constant(spec.weightDecay()))) : adapted;
        Operand<TFloat32> rate = tf.math.mul(learningRate, ratio(norm(weights), norm(r)));
        return all(
                tf.assignVariableOp(variables.handle(first), m),
                tf.assignVariableOp(variables.handle(second), v),
                tf.assignSubVariableOp(variables.handle(variable), tf.math.mul(rate, r)));
    }

    private Operand<TFloat32> norm(Operand<TFloat32> tensor) {
        return tf.math.sqrt(tf.math.mul(tf.nn.l2Loss(tensor), tf.constant(2f)));
    }

    private Operand<TFloat32> ratio(Operand<TFloat32> weights, Operand<TFloat32> r) {
        return tf.select(
                tf.math.greater(tf.math.mul(weights, r), tf.constant(0f)), tf.math.div(weights, r), tf.constant(1f));
    }
}
