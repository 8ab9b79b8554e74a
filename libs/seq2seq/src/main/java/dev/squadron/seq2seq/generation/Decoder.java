package dev.squadron.seq2seq.generation;

import java.util.stream.IntStream;

/**
 * Decodes a batch of inputs step by step; remembers what the tokens so far have left behind. It begins with one row an input;
 * {@link #reorder} changes that.
 */
public interface Decoder extends AutoCloseable {

    /**
     * What a step found.
     *
     * @param bestIds the most likely next tokens of each place asked for, best first, of equal ones the lower id first,
     *     [asked, best]
     * @param bestLogProbs their log-probabilities, [asked, best]
     * @param logSumExp log Σ exp of the logits at each place, [asked]
     * @param logits [asked, vocab_size] row by row; null unless wanted
     */
    record Step(int[] bestIds, float[] bestLogProbs, float[] logSumExp, float[] logits) {}

    /** Returns the inputs of the batch. */
    int inputs();

    /** Returns how many tokens there are: the rows of the head. */
    int vocabSize();

    /**
     * Takes one token a row and finds the next.
     *
     * @param ids the tokens, [rows]
     * @param best how many of the most likely tokens are wanted, at most vocab_size
     * @param wantLogits whether all logits are wanted
     */
    default Step step(int[] ids, int best, boolean wantLogits) {
        return step(ids, IntStream.range(0, ids.length).toArray(), best, wantLogits);
    }

    /**
     * Takes some tokens a row, each sees those before it, and finds what comes next at some of them.
     *
     * @param ids the tokens, [rows, positions] row by row
     * @param asked the places in {@code ids} whose next token is wanted
     * @param best how many of the most likely tokens are wanted, at most vocab_size
     * @param wantLogits whether all logits are wanted
     */
    Step step(int[] ids, int[] asked, int best, boolean wantLogits);

    /**
     * Takes some tokens of the only row, each sees those before it, and finds the most likely next one after each: what {@link #step}
     * finds, sooner where there is a way.
     *
     * @param ids the tokens, [positions]
     * @return [positions], of equally likely ones the lower id
     * @throws IllegalStateException where there are several rows
     */
    int[] mostLikely(int[] ids);

    /**
     * Returns the log-probabilities of what {@link #mostLikely}, which has taken all tokens so far, has found after each,
     * [positions so far].
     *
     * @throws IllegalStateException where {@link #step} has taken some
     */
    float[] logProbs();

    /** Forgets all but the first {@code length} tokens of every row. */
    void rewind(int length);

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
