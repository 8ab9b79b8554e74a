package dev.squadron.seq2seq.generation.processor;

import java.util.Arrays;

/**
 * Forbids a run of tokens to come twice. The start token counts.
 *
 * @param size tokens of the run
 */
record NoRepeatNgram(int size) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        int last = sequence.length - size + 1;
        for (int start = 0; start < last; start++) {
            if (Arrays.equals(sequence, start, start + size - 1, sequence, last, sequence.length)) {
                scores[sequence[start + size - 1]] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}
