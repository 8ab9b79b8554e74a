package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** The tokens with the largest values in each block of a head. N are the states asked for. */
final class LargestOfBlocks {
    private final int count;

    /** Those of the first block, largest first, then those of the next, [N, blocks · count]. */
    private final Operand<TFloat32> values;

    /** Whose they are, [N, blocks · count]. */
    private final Operand<TInt32> ids;

    /**
     * @param products of each block, [N, rows of the block]
     * @param bias is added in fp32
     * @param wanted how many tokens of each block; fewer where one has fewer
     */
    LargestOfBlocks(
            Ops tf, Head head, List<Operand<TBfloat16>> products, Optional<Operand<TFloat32>> bias, int wanted) {
        List<Integer> rows = head.blocks().stream()
                .map(block -> Math.toIntExact(block.shape().get(0)))
                .toList();
        count = rows.stream().reduce(wanted, Math::min);
        List<Operand<TFloat32>> valuesOfBlocks = new ArrayList<>();
        List<Operand<TInt32>> idsOfBlocks = new ArrayList<>();
        int first = 0;
        for (int block = 0; block < rows.size(); block++) {
            int[] from = {first};
            int[] size = {rows.get(block)};
            Operand<TBfloat16> product = products.get(block);
            TopK<? extends TFloating, TInt32> largest = bias.isPresent()
                    ? largest(
                            tf,
                            tf.math.add(
                                    tf.dtypes.cast(product, TFloat32.class),
                                    tf.slice(bias.get(), tf.constant(from), tf.constant(size))))
                    : largest(tf, product);
            valuesOfBlocks.add(tf.dtypes.cast(largest.values(), TFloat32.class));
            idsOfBlocks.add(tf.math.add(largest.indices(), tf.constant(first)));
            first += rows.get(block);
        }
        values = tf.concat(valuesOfBlocks, tf.constant(1));
        ids = tf.concat(idsOfBlocks, tf.constant(1));
    }

    private <T extends TFloating> TopK<T, TInt32> largest(Ops tf, Operand<T> ofTokens) {
        return tf.nn.topK(ofTokens, tf.constant(count), TInt32.class);
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
        runner.fetch(values).fetch(ids);
    }

    /** Returns what a run has found, state by state. */
    List<Found> read(Result result) {
        float[] allValues = Tensors.array((TFloat32) result.get(0));
        int[] allIds = Tensors.array((TInt32) result.get(1));
        int each = Math.toIntExact(result.get(0).shape().get(1));
        return IntStream.range(0, allValues.length / each)
                .map(state -> state * each)
                .mapToObj(from -> {
                    float limit = Float.NEGATIVE_INFINITY;
                    for (int last = from + count - 1; last < from + each; last += count) {
                        limit = Math.max(limit, allValues[last]);
                    }
                    return new Found(
                            Arrays.copyOfRange(allValues, from, from + each),
                            Arrays.copyOfRange(allIds, from, from + each),
                            limit);
                })
                .toList();
    }
}
