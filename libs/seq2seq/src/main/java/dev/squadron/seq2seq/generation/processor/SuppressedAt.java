package dev.squadron.seq2seq.generation.processor;

import java.util.List;

/**
 * Forbids tokens at one position.
 *
 * @param position number of the generated token, from 1
 * @param ids the tokens
 */
record SuppressedAt(int position, List<Integer> ids) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        if (sequence.length == position) {
            ids.forEach(id -> scores[id] = Float.NEGATIVE_INFINITY);
        }
    }
}
