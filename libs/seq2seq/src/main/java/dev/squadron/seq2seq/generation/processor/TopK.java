package dev.squadron.seq2seq.generation.processor;

import java.util.Arrays;

/**
 * Forbids all but the most likely tokens (Fan et al., 2018); of those that are as likely as the last, none is forbidden.
 *
 * @param count tokens that stay
 */
record TopK(int count) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        if (count >= scores.length) {
            return;
        }
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        float least = sorted[sorted.length - count];
        for (int id = 0; id < scores.length; id++) {
            if (scores[id] < least) {
                scores[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}
