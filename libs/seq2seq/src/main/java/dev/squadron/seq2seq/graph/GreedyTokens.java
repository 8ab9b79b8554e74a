package dev.squadron.seq2seq.graph;

import org.tensorflow.types.TFloat32;

/** The most likely next tokens at a row's positions, one position after the other. */
interface GreedyTokens {
    /**
     * Goes on by some positions and returns the most likely token after each; of equally likely ones the lower id.
     *
     * @param states final states of the decoder, scaled as the family does, [positions, D]
     */
    int[] next(TFloat32 states);

    /** Forgets all but the first {@code length} positions. */
    void rewind(int length);

    /** Returns the log-probabilities of the tokens after all positions so far, [positions so far]. */
    float[] logProbs();
}
