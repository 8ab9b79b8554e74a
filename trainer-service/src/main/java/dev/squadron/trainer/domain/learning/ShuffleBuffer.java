package dev.squadron.trainer.domain.learning;

import java.util.SplittableRandom;

/**
 * The order in which an epoch goes through its examples, as {@code tf.data.Dataset.shuffle} would take them: a buffer is
 * filled in order, each step draws one of its places at random and refills it with the next example. A pure function of
 * seed, epoch and sizes.
 */
public final class ShuffleBuffer {
    private ShuffleBuffer() {}

    /**
     * Returns the order of one epoch.
     *
     * @param examples how many there are
     * @param bufferSize places in the buffer; 1 keeps the order, {@code examples} or more shuffles fully
     * @param seed of the run
     * @param epoch from 1; each has an order of its own
     * @return the places of the examples in their canonical order, each once
     */
    public static int[] order(int examples, int bufferSize, long seed, int epoch) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
        int size = Math.min(bufferSize, examples);
        int[] buffer = new int[size];
        for (int i = 0; i < size; i++) {
            buffer[i] = i;
        }
        int[] order = new int[examples];
        int next = size;
        for (int drawn = 0; drawn < examples; drawn++) {
            int place = random.nextInt(size);
            order[drawn] = buffer[place];
            if (next < examples) {
                buffer[place] = next++;
            } else {
                buffer[place] = buffer[--size];
            }
        }
        return order;
    }
}
