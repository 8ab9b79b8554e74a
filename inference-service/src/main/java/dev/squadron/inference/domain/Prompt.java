package dev.squadron.inference.domain;

import dev.squadron.text.prompt.ContextTokens;

/**
 * A question as the model reads it.
 *
 * @param ids the tokens, end of sequence included, no padding
 * @param truncated whether the passage was longer than the model's input, and its end is missing
 * @param passage the tokens that are the passage
 */
public record Prompt(int[] ids, boolean truncated, ContextTokens passage) {

    /** Returns how many tokens it has. */
    public int length() {
        return ids.length;
    }
}
