package dev.squadron.seq2seq.graph;

import java.util.Arrays;

/**
 * Rows of equal length, a multiple of {@value #MULTIPLE}: kernels are prepared for each length that comes, so there are few of them, and take
 * such lengths best.
 *
 * @param ids [rows, length]
 * @param mask 1 for a token, 0 for padding, [rows, length]
 */
record Padded(int rows, int length, int[] ids, float[] mask) {
    private static final int MULTIPLE = 8;

    static Padded of(int[][] ragged, int padTokenId) {
        int longest = Arrays.stream(ragged).mapToInt(row -> row.length).max().orElse(0);
        int length = (longest + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
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
