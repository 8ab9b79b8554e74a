package dev.squadron.trainer.domain;

import java.nio.FloatBuffer;
import java.util.Comparator;

/**
 * An example of the training split as the head sees it: the final decoder state of each of its label positions.
 *
 * @param partition partition of its record
 * @param offset offset of its record
 * @param states the states of the shard that it lies in, [positions, d_model] row by row, mapped from disk
 * @param firstPosition its first row in {@code states}
 * @param labels the label id of each of its positions
 */
public record Example(int partition, long offset, FloatBuffer states, int firstPosition, int[] labels) {

    /** The order of a data set, whoever computed its features: by partition, then by offset. */
    public static final Comparator<Example> CANONICAL =
            Comparator.comparingInt(Example::partition).thenComparingLong(Example::offset);
}
