package dev.squadron.seq2seq.generation.processor;

import java.util.Set;

/**
 * Forbids a sequence to end too early.
 *
 * @param tokens generated tokens before which no end token can come
 * @param eos the end tokens
 */
record MinNewTokens(int tokens, Set<Integer> eos) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        if (sequence.length - 1 < tokens) {
            eos.forEach(id -> scores[id] = Float.NEGATIVE_INFINITY);
        }
    }
}
