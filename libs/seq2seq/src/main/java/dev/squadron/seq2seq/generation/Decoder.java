package dev.squadron.seq2seq.generation;

/** Decodes a batch of inputs step by step; remembers what the tokens so far have left behind. */
public interface Decoder extends AutoCloseable {

    /**
     * What a step found.
     *
     * @param ids the most likely next token of each row, [batch]
     * @param logProbs its log-probability, [batch]
     * @param logits [batch, vocab_size] row by row; null unless asked for
     */
    record Step(int[] ids, float[] logProbs, float[] logits) {}

    /** Returns the rows of the batch. */
    int batch();

    /**
     * Takes one token a row and finds the next.
     *
     * @param ids the tokens, [batch]
     * @param wantLogits whether all logits are wanted
     */
    Step step(int[] ids, boolean wantLogits);

    @Override
    void close();
}
