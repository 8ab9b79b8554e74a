package dev.squadron.seq2seq;

import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.grounded.ExactSearch;

/**
 * How answers are searched.
 *
 * @param mode which outputs there can be
 * @param rules everything else
 */
public record Decoding(Mode mode, GenerationConfig rules) {
    private static final int GROUNDED_BEAMS = 4;
    private static final int GUESSED_TOKENS = 4;

    /** Which outputs there can be. */
    public enum Mode {
        /** Any words, as transformers generates them. */
        FREE,
        /** Quotations of the context, by greedy or beam search. */
        GROUNDED,
        /** The most probable quotations of the context, as if all were tried. */
        BEST
    }

    /**
     * Returns a mode with the rules that suit it, where {@code rules} say nothing else: greedy search guesses ahead; quotations are
     * searched with {@value #GROUNDED_BEAMS} beams, and the best one is the most probable whatever its length.
     *
     * @param rules of the model
     */
    public static Decoding of(Mode mode, GenerationConfig rules) {
        GenerationConfig.Builder suited = rules.toBuilder();
        switch (mode) {
            case FREE ->
                suited.promptLookupNumTokens(
                        rules.promptLookupNumTokens() == 0 ? GUESSED_TOKENS : rules.promptLookupNumTokens());
            case GROUNDED -> suited.doSample(false).numBeams(Math.max(GROUNDED_BEAMS, rules.numBeams()));
            case BEST -> suited.doSample(false).lengthPenalty(0);
        }
        return new Decoding(mode, suited.build());
    }

    /** Returns how many rows a step has for each input. */
    public int rowsPerInput() {
        return mode == Mode.BEST
                ? ExactSearch.BEGINNINGS_PER_STEP
                : Math.max(rules.numBeams(), rules.numReturnSequences());
    }
}
