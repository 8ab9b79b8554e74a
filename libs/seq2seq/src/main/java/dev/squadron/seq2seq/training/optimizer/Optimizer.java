package dev.squadron.seq2seq.training.optimizer;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * An update rule in a graph: it changes variables by their gradients. What it remembers of a variable are slots, variables too,
 * named {@code variable/slot}; whoever saves the variables saves them. What changes from update to update are numbers, fed.
 */
public abstract class Optimizer {
    private static final float CLIP_EPSILON = 1e-6f;

    /** Where the updates are made. */
    final Ops tf;

    /** What is changed, and the slots. */
    final Variables variables;

    /** The rule's numbers. */
    final OptimizerSpec spec;

    /** The learning rate of the update. */
    final Operand<TFloat32> learningRate;

    private final Map<String, long[]> slots = new LinkedHashMap<>();
    private final List<Fed> numbers = new ArrayList<>();

    private record Fed(Placeholder<TFloat32> operand, OfUpdate value) {}

    /** A number that depends on the update. */
    @FunctionalInterface
    interface OfUpdate {
        /** Returns the number of update {@code t}, which counts from 1. */
        double at(long t, double learningRate);
    }

    Optimizer(Ops tf, Variables variables, OptimizerSpec spec) {
        this.tf = tf;
        this.variables = variables;
        this.spec = spec;
        learningRate = number((t, rate) -> rate);
    }

    /** Begins the updates of a graph by the rule of {@code spec}. */
    public static Optimizer of(Ops tf, Variables variables, OptimizerSpec spec) {
        return switch (spec.rule()) {
            case SGD -> new Sgd(tf, variables, spec);
            case ADAM_KERAS, ADAM, ADAMW -> new Adam(tf, variables, spec);
            case LAMB -> new Lamb(tf, variables, spec);
            case ADAFACTOR -> new Adafactor(tf, variables, spec);
        };
    }

    /**
     * Returns the operation that changes a variable once, and declares its slots.
     *
     * @param shape of the variable
     * @param gradient of the variable's shape, clipped already
     * @param decays whether the rule's weight decay concerns it
     */
    public abstract Op update(String variable, long[] shape, Operand<TFloat32> gradient, boolean decays);

    /**
     * Feeds the numbers of an update.
     *
     * @param t counts updates from 1
     */
    public void feed(Feed feed, long t, double learningRate) {
        numbers.forEach(number -> feed.number(number.operand(), number.value().at(t, learningRate)));
    }

    /** Forgets everything: gives the slots zeros. */
    public void reset(Session session) {
        variables.assign(session, slots.keySet(), name -> Tensors.zeros(slots.get(name)));
    }

    /**
     * Returns the factor by which gradients are clipped, as PyTorch's {@code clip_grad_norm_} does: at most 1.
     *
     * @param norm of all gradients together
     */
    public static Operand<TFloat32> clipFactor(Ops tf, Operand<TFloat32> norm, float clipNorm) {
        Operand<TFloat32> factor = tf.math.div(tf.constant(clipNorm), tf.math.add(norm, tf.constant(CLIP_EPSILON)));
        return tf.math.minimum(factor, tf.constant(1f));
    }

    /** Declares what is remembered of a variable, zeros at first; returns its name. */
    final String slot(String variable, String slot, long... shape) {
        String name = variable + "/" + slot;
        variables.declare(name, shape);
        slots.put(name, shape);
        return name;
    }

    /** Returns a number that is fed. */
    final Operand<TFloat32> number(OfUpdate value) {
        Placeholder<TFloat32> operand = tf.placeholder(TFloat32.class, shape(Shape.scalar()));
        numbers.add(new Fed(operand, value));
        return operand;
    }

    /** Returns x + share · (y − x). */
    final Operand<TFloat32> moved(Operand<TFloat32> x, Operand<TFloat32> share, Operand<TFloat32> y) {
        return tf.math.add(x, tf.math.mul(share, tf.math.sub(y, x)));
    }

    /** Returns an operation that is done when all of {@code operations} are. */
    final Op all(Op... operations) {
        return tf.withControlDependencies(operations).noOp();
    }
}
