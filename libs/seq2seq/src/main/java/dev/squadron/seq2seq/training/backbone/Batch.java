package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Examples that go through the model together.
 *
 * @param inputIds ragged, one row an example, at least one id each
 * @param labelIds likewise
 */
record Batch(int[][] inputIds, int[][] labelIds) {

    /** @throws IllegalArgumentException where the two do not belong together, or the model cannot read them */
    static Batch of(int[][] inputIds, int[][] labelIds, ModelConfig config) {
        config.check(inputIds);
        config.check(labelIds);
        if (inputIds.length != labelIds.length) {
            throw new IllegalArgumentException(inputIds.length + " inputs and " + labelIds.length + " labels");
        }
        return new Batch(inputIds, labelIds);
    }

    /** Returns how many label tokens there are. */
    int tokens() {
        return Arrays.stream(labelIds).mapToInt(row -> row.length).sum();
    }

    /** Divides the examples, in order, into at most {@code count} parts of equal size, of which the last may be smaller. */
    List<Batch> split(int count) {
        int size = (inputIds.length + count - 1) / count;
        List<Batch> parts = new ArrayList<>();
        for (int from = 0; from < inputIds.length; from += size) {
            parts.add(rows(from, Math.min(from + size, inputIds.length)));
        }
        return parts;
    }

    /** Returns the first example alone. */
    Batch first() {
        return rows(0, 1);
    }

    private Batch rows(int from, int to) {
        return new Batch(Arrays.copyOfRange(inputIds, from, to), Arrays.copyOfRange(labelIds, from, to));
    }
}
