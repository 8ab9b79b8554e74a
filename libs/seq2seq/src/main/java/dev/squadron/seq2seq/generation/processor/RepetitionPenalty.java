package dev.squadron.seq2seq.generation.processor;

import java.util.Arrays;

/**
 * Makes tokens that the sequence has already less likely (Keskar et al., “CTRL”, 2019). The start token is among them.
 *
 * @param penalty divides positive scores and multiplies negative ones
 */
record RepetitionPenalty(float penalty) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        Arrays.stream(sequence)
                .distinct()
                .forEach(id -> scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty);
    }
}
