package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.generation.GenerationConfig;

/**
 * The ways of searching answers that requests start from.
 *
 * @param model what the model's own configuration says; its limit of new tokens is the highest that a request may ask for
 * @param mode the one that is meant where a request names none
 * @param beams most beams of a question, and most answers to it
 */
public record Decodings(GenerationConfig model, Mode mode, int beams) {

    /** Returns a mode with the rules that suit it. */
    public Decoding of(Mode named) {
        return Decoding.of(named, model);
    }
}
