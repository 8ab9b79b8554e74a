package dev.squadron.seq2seq.generation.processor;

import java.util.Arrays;

/**
 * Allows one token only at a position, at score 0.
 *
 * @param position number of the generated token, from 1
 * @param id the token
 */
record ForcedToken(int position, int id) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        if (sequence.length == position) {
            Arrays.fill(scores, Float.NEGATIVE_INFINITY);
            scores[id] = 0;
        }
    }
}
