package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;

/**
 * A question about a passage.
 *
 * @param decoding how answers are searched
 */
public record Question(String question, String context, Decoding decoding) {}
