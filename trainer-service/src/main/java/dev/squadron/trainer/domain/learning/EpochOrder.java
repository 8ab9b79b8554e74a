package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Recipe;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntUnaryOperator;

/**
 * The order in which an epoch goes through its examples: a pure function of recipe, epoch and examples. With {@code
 * group_by_length}, stretches of {@value #STRETCH} mini-batches of the shuffled order are sorted by length, the longest first,
 * as transformers' {@code LengthGroupedSampler} does.
 */
final class EpochOrder {
    private static final int STRETCH = 50;

    private EpochOrder() {}

    /**
     * Returns the places of all examples, each once.
     *
     * @param examples how many there are
     * @param tokens how long each is
     * @param epoch from 1
     */
    static int[] of(Recipe recipe, int examples, IntUnaryOperator tokens, int epoch) {
        int buffer = recipe.shuffleBuffer() == 0 ? examples : recipe.shuffleBuffer();
        int[] order = ShuffleBuffer.order(examples, buffer, recipe.seed(), epoch);
        if (!recipe.groupByLength()) {
            return order;
        }
        int[] grouped = new int[examples];
        int stretch = Math.multiplyExact(STRETCH, recipe.batchSize());
        for (int from = 0; from < examples; from += stretch) {
            int[] sorted = Arrays.stream(order, from, Math.min(from + stretch, examples))
                    .boxed()
                    .sorted(Comparator.comparingInt((Integer place) -> -tokens.applyAsInt(place)))
                    .mapToInt(Integer::intValue)
                    .toArray();
            System.arraycopy(sorted, 0, grouped, from, sorted.length);
        }
        return grouped;
    }
}
