package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/** The next token out of some, whose rows of the head are fed with each step. */
final class SomeTokens {
    private final Placeholder<TFloat32> rows;
    private final Placeholder<TFloat32> bias;
    private final NextToken next;

    /** @param states scaled for the head, [N, D] */
    SomeTokens(Ops tf, ModelConfig config, Operand<TFloat32> states) {
        rows = tf.placeholder(TFloat32.class, shape(Shape.of(-1, config.dModel())));
        bias = tf.placeholder(TFloat32.class, shape(Shape.of(-1)));
        Operand<TFloat32> products = tf.linalg.matMul(states, rows, MatMul.transposeB(true));
        next = new NextToken(tf, List.of(config.hasHeadBias() ? tf.math.add(products, bias) : products));
    }

    /** Asks a run for what {@link NextToken} finds with a head of some rows. */
    void fetch(Feed feed, Head head, int best, boolean wantLogits) {
        Session.Runner runner = feed.runner().feed(rows, head.blocks().get(0));
        head.bias().ifPresent(tensor -> runner.feed(bias, tensor));
        next.fetch(feed, best, wantLogits);
    }
}
