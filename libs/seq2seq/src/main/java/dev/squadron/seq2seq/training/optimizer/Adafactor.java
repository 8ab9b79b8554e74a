package dev.squadron.seq2seq.training.optimizer;

import dev.squadron.seq2seq.graph.Variables;
import java.util.Arrays;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;

/**
 * u = g / √v, w −= lr · u / max(1, rms(u)), where v is a moving average of g² + ε. Of matrices only the means of its rows and of
 * its columns are remembered: v = rows · columns / mean(rows).
 */
final class Adafactor extends Optimizer {
    private static final double DECAY_RATE = -0.8;

    private final Operand<TFloat32> share;

    Adafactor(Ops tf, Variables variables, OptimizerSpec spec) {
        super(tf, variables, spec);
        share = number((t, rate) -> Math.pow((double) t, DECAY_RATE));
    }

    @Override
    public Op update(String variable, long[] shape, Operand<TFloat32> gradient, boolean decays) {
        Operand<TFloat32> squares = tf.math.add(tf.math.square(gradient), tf.constant(spec.epsilon()));
        if (shape.length < 2) {
            String second = slot(variable, "second_moment", shape);
            Operand<TFloat32> v = moved(variables.value(second), share, squares);
            Op remembered = tf.assignVariableOp(variables.handle(second), v);
            return all(remembered, subtract(variable, shape, tf.math.mul(gradient, tf.math.rsqrt(v))));
        }
        String rows = slot(variable, "second_moment_rows", Arrays.copyOf(shape, shape.length - 1));
        String columns = slot(variable, "second_moment_columns", withoutRows(shape));
        Operand<TFloat32> ofRows = moved(variables.value(rows), share, mean(squares, -1));
        Operand<TFloat32> ofColumns = moved(variables.value(columns), share, mean(squares, -2));
        Operand<TFloat32> relative = tf.math.div(ofRows, tf.math.mean(ofRows, tf.constant(-1), Mean.keepDims(true)));
        Operand<TFloat32> factors = tf.math.mul(
                tf.expandDims(tf.math.rsqrt(relative), tf.constant(-1)),
                tf.expandDims(tf.math.rsqrt(ofColumns), tf.constant(-2)));
        return all(
                tf.assignVariableOp(variables.handle(rows), ofRows),
                tf.assignVariableOp(variables.handle(columns), ofColumns),
                subtract(variable, shape, tf.math.mul(factors, gradient)));
    }

    private Op subtract(String variable, long[] shape, Operand<TFloat32> u) {
        float elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        Operand<TFloat32> rms = tf.math.sqrt(tf.math.mul(tf.nn.l2Loss(u), tf.constant(2 / elements)));
        Operand<TFloat32> rate = tf.math.div(learningRate, tf.math.maximum(rms, tf.constant(1f)));
        return tf.assignSubVariableOp(variables.handle(variable), tf.math.mul(u, rate));
    }

    private Operand<TFloat32> mean(Operand<TFloat32> matrix, int axis) {
        return tf.math.mean(matrix, tf.constant(axis));
    }

    private static long[] withoutRows(long[] shape) {
        long[] columns = Arrays.copyOf(shape, shape.length - 1);
        columns[columns.length - 1] = shape[shape.length - 1];
        return columns;
    }
}
