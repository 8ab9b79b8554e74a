package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** From logits to the tokens that may come next. N are the states asked for, C the tokens: the vocabulary, or some of it. */
final class NextToken {
    private static final long TOKENS = 1;

    /** How many of the most likely tokens are wanted. */
    private final Placeholder<TInt32> count;

    /** [N, C]. */
    private final Operand<TFloat32> logits;

    /** log Σ exp logits, [N, 1]. */
    private final Operand<TFloat32> logSumExp;

    /** The most likely tokens, best first; of equal ones the lower id first, [N, count]. */
    private final Operand<TInt32> bestIds;

    /** Their log-probabilities, [N, count]. */
    private final Operand<TFloat32> bestLogProbs;

    /** @param blocks the logits in blocks that are looked at side by side, [N, rows of the block] */
    NextToken(Ops tf, List<Operand<TFloat32>> blocks) {
        count = tf.placeholder(TInt32.class, shape(Shape.scalar()));
        LargestOfBlocks largest = new LargestOfBlocks(tf, blocks, count);
        TopK<TFloat32, TInt32> best = tf.nn.topK(largest.values, count, TInt32.class);
        logits = LargestOfBlocks.join(tf, blocks);
        logSumExp = logSumExp(
                tf,
                LargestOfBlocks.join(
                        tf, blocks.stream().map(block -> logSumExp(tf, block)).toList()));
        bestIds = tf.gather(largest.ids, best.indices(), tf.constant(TOKENS), Gather.batchDims(TOKENS));
        bestLogProbs = tf.math.sub(best.values(), logSumExp);
    }

    /** Returns log Σ exp of each row, [N, 1]. */
    private static Operand<TFloat32> logSumExp(Ops tf, Operand<TFloat32> values) {
        Operand<TFloat32> largest = tf.reduceMax(values, tf.constant(TOKENS), ReduceMax.keepDims(true));
        Operand<TFloat32> above = tf.math.exp(tf.math.sub(values, largest));
        return tf.math.add(largest, tf.math.log(tf.reduceSum(above, tf.constant(TOKENS), ReduceSum.keepDims(true))));
    }

    /** Asks a run for the {@code best} most likely tokens, behind what it was asked for before. */
    void fetch(Feed feed, int best, boolean wantLogits) {
        feed.ints(count, new int[] {best});
        Session.Runner runner = feed.runner();
        runner.fetch(bestIds).fetch(bestLogProbs).fetch(logSumExp);
        if (wantLogits) {
            runner.fetch(logits);
        }
    }

    /**
     * Returns what a run has found.
     *
     * @param before how many tensors it was asked for before
     */
    static Step read(Result result, int before, boolean wantLogits) {
        return new Step(
                Tensors.array((TInt32) result.get(before)),
                Tensors.array((TFloat32) result.get(before + 1)),
                Tensors.array((TFloat32) result.get(before + 2)),
                wantLogits ? Tensors.array((TFloat32) result.get(before + 3)) : null);
    }
}
