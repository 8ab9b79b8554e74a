package dev.squadron.inference.domain;

/**
 * A question as the model reads it.
 *
 * @param ids the tokens, end of sequence included, no padding
 * @param truncated whether the passage was longer than the model's input, and its end is missing
 */
public record Prompt(int[] ids, boolean truncated) {

    /** Returns how many tokens it has. */
    public int length() {
        return ids.length;
    }
}
