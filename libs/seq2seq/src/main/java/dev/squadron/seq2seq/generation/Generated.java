package dev.squadron.seq2seq.generation;

import java.util.Arrays;

/**
 * A generated sequence.
 *
 * @param ids its tokens, without the start token and with {@code </s>} where it came
 * @param logProbs log softmax of the raw logits at each of them
 * @param processedLogProbs their log-probabilities under what the token was chosen by: in greedy search and sampling log softmax of
 *     the processed logits, in beam search the processed log softmax, which is not normalised again
 * @param score what beam search ranks by: the sum of {@code processedLogProbs} / length ^ length penalty; elsewhere the sum
 * @param finished whether {@code </s>} came before the limit of length
 * @param steps how often the decoder ran for its input until the search had ended
 */
public record Generated(
        int[] ids, float[] logProbs, float[] processedLogProbs, double score, boolean finished, int steps) {

    /** Makes a sequence that no processor has touched, as plain greedy search finds it. */
    public Generated(int[] ids, float[] logProbs, boolean finished) {
        this(ids, logProbs, logProbs, sum(logProbs), finished, ids.length);
    }

    /** Returns the tokens before {@code </s>}. */
    public int[] text() {
        return finished ? Arrays.copyOf(ids, ids.length - 1) : ids;
    }

    /** Returns the same with another number of steps. */
    public Generated withSteps(int number) {
        return new Generated(ids, logProbs, processedLogProbs, score, finished, number);
    }

    /** Returns the probability of the whole sequence under the model, 0 to 1. */
    public double probability() {
        return Math.exp(sum(logProbs));
    }

    private static double sum(float[] logProbs) {
        double sum = 0;
        for (float logProb : logProbs) {
            sum += logProb;
        }
        return sum;
    }
}
