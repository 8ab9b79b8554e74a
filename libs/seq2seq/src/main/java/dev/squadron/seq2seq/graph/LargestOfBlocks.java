package dev.squadron.seq2seq.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/** The tokens with the largest values in each block of a head, which go side by side. N are the states asked for. */
final class LargestOfBlocks {
    private static final int TOKENS = 1;

    /** Those of the first block, largest first, then those of the next, [N, K]. */
    final Operand<TFloat32> values;

    /** Whose they are, [N, K]. */
    final Operand<TInt32> ids;

    /** No other token has a value above it, [N, 1]. */
    private final Operand<TFloat32> limits;

    /**
     * @param blocks the tokens' values, [N, rows of the block]
     * @param wanted how many tokens of each block; all of one that has fewer
     */
    LargestOfBlocks(Ops tf, List<? extends Operand<? extends TFloating>> blocks, Operand<TInt32> wanted) {
        List<Operand<TFloat32>> valuesOfBlocks = new ArrayList<>();
        List<Operand<TInt32>> idsOfBlocks = new ArrayList<>();
        List<Operand<TFloat32>> least = new ArrayList<>();
        Operand<TInt32> first = tf.constant(0);
        for (Operand<? extends TFloating> block : blocks) {
            Operand<TInt32> rows = tf.gather(tf.shape(block), tf.constant(TOKENS), tf.constant(0));
            TopK<? extends TFloating, TInt32> largest = tf.nn.topK(block, tf.math.minimum(wanted, rows), TInt32.class);
            Operand<TFloat32> largestValues = tf.dtypes.cast(largest.values(), TFloat32.class);
            valuesOfBlocks.add(largestValues);
            idsOfBlocks.add(tf.math.add(largest.indices(), first));
            least.add(tf.reduceMin(largestValues, tf.constant(TOKENS), ReduceMin.keepDims(true)));
            first = tf.math.add(first, rows);
        }
        values = join(tf, valuesOfBlocks);
        ids = join(tf, idsOfBlocks);
        limits = tf.reduceMax(join(tf, least), tf.constant(TOKENS), ReduceMax.keepDims(true));
    }

    /** Returns what belongs to the blocks beside each other, [N, ...]. */
    static <T extends TNumber> Operand<T> join(Ops tf, List<Operand<T>> blocks) {
        return blocks.size() == 1 ? blocks.get(0) : tf.concat(blocks, tf.constant(TOKENS));
    }

    /**
     * What a run has found for a state.
     *
     * @param values block by block, largest first
     * @param ids whose they are
     * @param limit no other token has a value above it
     */
    record Found(float[] values, int[] ids, float limit) {}

    /** Asks a run for them, and for nothing else. */
    void fetch(Session.Runner runner) {
        runner.fetch(values).fetch(ids).fetch(limits);
    }

    /** Returns what a run has found, state by state. */
    static List<Found> read(Result result) {
        float[] values = Tensors.array((TFloat32) result.get(0));
        int[] ids = Tensors.array((TInt32) result.get(1));
        float[] limits = Tensors.array((TFloat32) result.get(2));
        int each = values.length / limits.length;
        return IntStream.range(0, limits.length)
                .mapToObj(state -> new Found(
                        Arrays.copyOfRange(values, state * each, (state + 1) * each),
                        Arrays.copyOfRange(ids, state * each, (state + 1) * each),
                        limits[state]))
                .toList();
    }
}
