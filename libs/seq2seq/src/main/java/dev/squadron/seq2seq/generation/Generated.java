package dev.squadron.seq2seq.generation;

/**
 * A generated sequence.
 *
 * @param ids its tokens, without the start token and with {@code </s>} where it came
 * @param logProbs log softmax of the raw logits at each of them
 * @param finished whether {@code </s>} came before the limit of length
 */
public record Generated(int[] ids, float[] logProbs, boolean finished) {

    /** Returns the probability of the whole sequence, 0 to 1. */
    public double probability() {
        double sum = 0;
        for (float logProb : logProbs) {
            sum += logProb;
        }
        return Math.exp(sum);
    }
}
