package dev.squadron.seq2seq.training;

import java.util.Arrays;

/** What label positions count for in an update, when it is made of one mini-batch or of several. */
public final class PositionWeights {
    private PositionWeights() {}

    /**
     * Returns the weights of mini-batches whose positions all count the same: the gradient of one large batch.
     *
     * @param positions of each mini-batch
     */
    public static float[] tokens(int... positions) {
        float[] weights = new float[Arrays.stream(positions).sum()];
        Arrays.fill(weights, 1f / weights.length);
        return weights;
    }

    /**
     * Returns the weights of mini-batches that count the same, whatever they hold: the mean of means that transformers' Trainer
     * computes for models that are not told the number of labels.
     *
     * @param positions of each mini-batch
     */
    public static float[] means(int... positions) {
        float[] weights = new float[Arrays.stream(positions).sum()];
        int from = 0;
        for (int count : positions) {
            Arrays.fill(weights, from, from + count, 1f / positions.length / count);
            from += count;
        }
        return weights;
    }
}
