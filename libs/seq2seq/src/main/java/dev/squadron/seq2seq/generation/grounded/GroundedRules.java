package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.stream.IntStream;

/**
 * What counts of a configuration where outputs are quotations.
 *
 * @param start the tokens that every output begins with, and that are no part of it
 * @param eos ends an output
 * @param pad stands in rows that have ended
 * @param longest most tokens of a quotation
 * @param width quotations that a beam follows
 * @param wanted quotations that are returned
 * @param lengthPenalty exponent of the length by which scores are divided
 */
record GroundedRules(int[] start, int eos, int pad, int longest, int width, int wanted, double lengthPenalty) {

    /** @throws IllegalArgumentException where there is no room for a token before {@code </s>} */
    static GroundedRules of(GenerationConfig rules, ModelConfig model) {
        if (rules.maxNewTokens() < 2) {
            throw new IllegalArgumentException(
                    "max_new_tokens is " + rules.maxNewTokens() + "; a quotation and its end need at least 2.");
        }
        int start = rules.decoderStartTokenId() == null ? model.decoderStartTokenId() : rules.decoderStartTokenId();
        return new GroundedRules(
                rules.forcedBosTokenId() == null ? new int[] {start} : new int[] {start, rules.forcedBosTokenId()},
                rules.eosTokenIds().isEmpty()
                        ? model.eosTokenId()
                        : rules.eosTokenIds().get(0),
                rules.padTokenId() == null ? model.padTokenId() : rules.padTokenId(),
                rules.maxNewTokens() - 1,
                rules.numBeams(),
                rules.numReturnSequences(),
                rules.lengthPenalty());
    }

    /** Returns the first tokens of so many rows. */
    int[] beginning(int rows) {
        return IntStream.range(0, rows * start.length)
                .map(i -> start[i % start.length])
                .toArray();
    }

    /** Returns the places of the last tokens in {@link #beginning}. */
    int[] endsOfBeginning(int rows) {
        return IntStream.range(0, rows).map(row -> (row + 1) * start.length - 1).toArray();
    }
}
