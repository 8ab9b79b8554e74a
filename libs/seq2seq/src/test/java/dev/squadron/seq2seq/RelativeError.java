package dev.squadron.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;

/** How far numbers are from others as a whole. */
public final class RelativeError {
    private RelativeError() {}

    /** Returns the root mean square of the differences, a share of that of what was expected. */
    public static double of(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double error = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow((double) found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(error / size);
    }
}
