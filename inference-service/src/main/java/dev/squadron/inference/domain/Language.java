package dev.squadron.inference.domain;

import dev.squadron.contracts.InvalidMessage;

/** Turns questions into the model's tokens, and the model's tokens into text. Thread-safe. */
public interface Language {

    /**
     * Returns the prompt that asks {@code question}; where it is longer than the model reads, the passage's end goes.
     *
     * @throws InvalidMessage where the question leaves no room for the passage
     */
    Prompt encode(Question question) throws InvalidMessage;

    /** Returns the tokens that the model would write for an answer, end of sequence included. */
    int[] labels(String answer);

    /** Returns the text of generated tokens, without special tokens. */
    String decode(int[] ids);
}
