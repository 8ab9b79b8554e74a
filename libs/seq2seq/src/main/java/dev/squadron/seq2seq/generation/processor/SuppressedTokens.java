package dev.squadron.seq2seq.generation.processor;

import java.util.List;

/**
 * Forbids tokens.
 *
 * @param ids the tokens
 */
record SuppressedTokens(List<Integer> ids) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        ids.forEach(id -> scores[id] = Float.NEGATIVE_INFINITY);
    }
}
