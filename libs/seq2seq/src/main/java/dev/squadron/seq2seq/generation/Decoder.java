package dev.squadron.seq2seq.generation;

/**
 * Decodes a batch of inputs step by step; remembers what the tokens so far have left behind. It begins with one row an input;
 * {@link #reorder} changes that.
 */
public interface Decoder extends AutoCloseable {

    /**
     * What a step found.
     *
     * @param bestIds the most likely next tokens of each row, best first, of equal ones the lower id first, [rows, best]
     * @param bestLogProbs their log-probabilities, [rows, best]
     * @param logSumExp log Σ exp of each row's logits, [rows]
     * @param logits [rows, vocab_size] row by row; null unless asked for
     */
    record Step(int[] bestIds, float[] bestLogProbs, float[] logSumExp, float[] logits) {}

    /** Returns the inputs of the batch. */
    int inputs();

    /** Returns how many tokens there are. */
    int vocabSize();

    /**
     * Takes one token a row and finds the next.
     *
     * @param ids the tokens, [rows]
     * @param best how many of the most likely tokens are wanted, at most vocab_size
     * @param wantLogits whether all logits are wanted
     */
    Step step(int[] ids, int best, boolean wantLogits);

    /**
     * Lets each row go on from where another one was. Costs nothing where every row stays.
     *
     * @param rows for each new row the old one. There may be more or fewer than before; rows of an input stand together, and
     *     all inputs have equally many
     */
    void reorder(int[] rows);

    @Override
    void close();
}
