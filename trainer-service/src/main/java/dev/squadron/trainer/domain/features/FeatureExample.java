package dev.squadron.trainer.domain.features;

import java.nio.FloatBuffer;

/**
 * An example as the head sees it: the final decoder state of each of its label positions.
 *
 * @param states the states of the shard that it lies in, [positions, d_model] row by row, mapped from disk
 * @param firstPosition its first row in {@code states}
 * @param labels the label id of each of its positions
 */
public record FeatureExample(FloatBuffer states, int firstPosition, int[] labels) {}
