package dev.squadron.text.tokenizer;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A tokenized text, or pair of texts.
 *
 * @param ids the tokens
 * @param sequenceIds 0 for the first text, 1 for the second, {@value #ADDED} for an added special token
 * @param starts where each token begins in its text, in Unicode code points; 0 for an added one
 * @param ends where each token ends in its text, in Unicode code points; 0 for an added one
 */
public record Encoding(int[] ids, int[] sequenceIds, int[] starts, int[] ends) {
    /** The sequence id of a special token that is in neither text. */
    public static final int ADDED = -1;

    /** Returns the number of tokens. */
    public int length() {
        return ids.length;
    }

    int count(int sequence) {
        return (int) Arrays.stream(sequenceIds).filter(id -> id == sequence).count();
    }

    /** Returns the first {@code first} tokens of the first text, the first {@code second} of the second, and all added ones. */
    Encoding keep(int first, int second) {
        int[] left = {first, second};
        int[] kept = IntStream.range(0, ids.length)
                .filter(i -> sequenceIds[i] == ADDED || left[sequenceIds[i]]-- > 0)
                .toArray();
        return new Encoding(pick(ids, kept), pick(sequenceIds, kept), pick(starts, kept), pick(ends, kept));
    }

    private static int[] pick(int[] from, int[] places) {
        return Arrays.stream(places).map(i -> from[i]).toArray();
    }
}
