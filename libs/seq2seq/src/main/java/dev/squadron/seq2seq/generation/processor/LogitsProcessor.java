package dev.squadron.seq2seq.generation.processor;

/** Changes the scores of the next token before one is chosen. */
public interface LogitsProcessor {

    /**
     * Changes scores in place.
     *
     * @param scores logits or log-probabilities, [vocab_size]; −∞ forbids a token
     * @param sequence the tokens so far, the start token first
     */
    void process(float[] scores, int[] sequence);
}
