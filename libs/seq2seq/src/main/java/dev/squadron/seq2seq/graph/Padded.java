package dev.squadron.seq2seq.graph;

import java.util.Arrays;

/**
 * Rows of equal length, a multiple of {@value #INPUTS} or {@value #LABELS}. What comes out for an example is then the same to the last
 * bit, whatever else is in its batch, if all labels are padded to the same length; that of the inputs does not matter.
 *
 * @param ids [rows, length]
 * @param mask 1 for a token, 0 for padding, [rows, length]
 */
record Padded(int rows, int length, int[] ids, float[] mask) {
    private static final int INPUTS = 16;
    private static final int LABELS = 8;

    static Padded inputs(int[][] ragged, int padTokenId) {
        return of(ragged, padTokenId, INPUTS);
    }

    static Padded labels(int[][] ragged, int padTokenId) {
        return of(ragged, padTokenId, LABELS);
    }

    /** Returns the length to which a label is padded that is alone. */
    static int labelLength(int length) {
        return multiple(length, LABELS);
    }

    private static int multiple(int length, int of) {
        return (length + of - 1) / of * of;
    }

    private static Padded of(int[][] ragged, int padTokenId, int multiple) {
        int longest = Arrays.stream(ragged).mapToInt(row -> row.length).max().orElse(0);
        int length = multiple(longest, multiple);
        int[] ids = new int[ragged.length * length];
        Arrays.fill(ids, padTokenId);
        float[] mask = new float[ids.length];
        for (int row = 0; row < ragged.length; row++) {
            System.arraycopy(ragged[row], 0, ids, row * length, ragged[row].length);
            Arrays.fill(mask, row * length, row * length + ragged[row].length, 1);
        }
        return new Padded(ragged.length, length, ids, mask);
    }
}
