package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * From the decoder's states to the tokens that may come next: logits = scale · h · Wᵀ + bias. N are the states asked for, C the
 * rows of the head: the vocabulary, or some of it.
 */
final class NextToken {
    private final Placeholder<TFloat32> head;
    private final Placeholder<TFloat32> bias;

    /** The states asked for, [N]. */
    final Placeholder<TInt32> asked;

    /** How many of the most likely tokens are wanted. */
    final Placeholder<TInt32> count;

    /** [N, C]. */
    final Operand<TFloat32> logits;

    /** log Σ exp logits, [N]. */
    final Operand<TFloat32> logSumExp;

    /** The most likely tokens, best first; of equal ones the lower id first, [N, count]. */
    final Operand<TInt32> bestIds;

    /** Their log-probabilities, [N, count]. */
    final Operand<TFloat32> bestLogProbs;

    /** @param states the decoder's final states, [R·Q, D] */
    NextToken(Ops tf, ModelConfig config, Operand<TFloat32> states) {
        head = tf.placeholder(TFloat32.class, shape(Shape.of(config.dModel(), -1)));
        bias = tf.placeholder(TFloat32.class, shape(Shape.of(-1)));
        asked = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        count = tf.placeholder(TInt32.class, shape(Shape.scalar()));
        Operand<TFloat32> state = tf.gather(states, asked, tf.constant(0)); // [N, D]
        Operand<TFloat32> scaled = tf.math.mul(state, tf.constant(config.headScale()));
        Operand<TFloat32> products = tf.linalg.matMul(scaled, head);
        logits = config.hasHeadBias() ? tf.math.add(products, bias) : products;
        Operand<TFloat32> largest = tf.reduceMax(logits, tf.constant(1));
        Operand<TFloat32> above = tf.math.exp(tf.math.sub(logits, tf.expandDims(largest, tf.constant(1))));
        logSumExp = tf.math.add(largest, tf.math.log(tf.reduceSum(above, tf.constant(1))));
        TopK<TFloat32, TInt32> best = tf.nn.topK(logits, count, TInt32.class);
        bestIds = best.indices();
        bestLogProbs = tf.math.sub(best.values(), tf.expandDims(logSumExp, tf.constant(1)));
    }

    /** Feeds a head of the model. */
    void feed(Session.Runner runner, Head fed) {
        runner.feed(head, fed.tensor());
        fed.bias().ifPresent(tensor -> runner.feed(bias, tensor));
    }
}
