package dev.squadron.seq2seq.generation.grounded;

/** The log-probabilities of the tokens that may come next. */
interface NextLogProbs {

    /** Returns that of a token. */
    double of(int id);
}
