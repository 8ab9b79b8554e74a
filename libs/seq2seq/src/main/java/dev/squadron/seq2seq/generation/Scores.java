package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.generation.processor.LogitsProcessor;
import java.util.Arrays;
import java.util.List;

/** A row's scores of all tokens: logits or log-probabilities, on which processors work. */
final class Scores {
    private final float[] raw;
    private final float rawLogSumExp;
    private final float[] processed;

    private Scores(float[] raw, float rawLogSumExp) {
        this.raw = raw;
        this.rawLogSumExp = rawLogSumExp;
        this.processed = raw.clone();
    }

    /** Returns the logits of a row. */
    static Scores logits(Decoder.Step step, int row) {
        int vocabulary = step.logits().length / step.logSumExp().length;
        float[] logits = Arrays.copyOfRange(step.logits(), row * vocabulary, (row + 1) * vocabulary);
        return new Scores(logits, step.logSumExp()[row]);
    }

    /** Returns the log-probabilities of a row. */
    static Scores logProbs(Decoder.Step step, int row) {
        Scores scores = logits(step, row);
        for (int id = 0; id < scores.raw.length; id++) {
            scores.raw[id] -= scores.rawLogSumExp;
        }
        return new Scores(scores.raw, 0);
    }

    void process(List<LogitsProcessor> processors, Sequence sequence) {
        int[] ids = sequence.ids();
        processors.forEach(processor -> processor.process(processed, ids));
    }

    /** Returns the log-probability of a token before the processors. */
    float logProb(int id) {
        return raw[id] - rawLogSumExp;
    }

    /** Returns the score of a token after the processors. */
    float score(int id) {
        return processed[id];
    }

    /** Returns log softmax of the scores after the processors. */
    float processedLogProb(int id) {
        double max = max();
        double sum = 0;
        for (float score : processed) {
            sum += score == Float.NEGATIVE_INFINITY ? 0 : Math.exp(score - max);
        }
        return (float) (processed[id] - max - Math.log(sum));
    }

    /** Returns the tokens with the highest scores, best first; of equal ones the lower id first. */
    int[] best(int count) {
        int[] best = new int[Math.min(count, processed.length)];
        int filled = 0;
        for (int id = 0; id < processed.length; id++) {
            if (filled == best.length && processed[id] <= processed[best[filled - 1]]) {
                continue;
            }
            int place = filled < best.length ? filled++ : filled - 1;
            while (place > 0 && processed[id] > processed[best[place - 1]]) {
                best[place] = best[place - 1];
                place--;
            }
            best[place] = id;
        }
        return best;
    }

    /**
     * Returns the token at a place of the distribution that softmax of the scores gives.
     *
     * @param place 0 to 1: the sum of the probabilities of lower ids
     * @throws IllegalArgumentException where no token has a probability
     */
    int at(double place) {
        double max = max();
        if (max == Double.NEGATIVE_INFINITY) {
            throw Search.nothingLeft();
        }
        double sum = 0;
        for (float score : processed) {
            sum += Math.exp(score - max);
        }
        double left = place * sum;
        int last = 0;
        for (int id = 0; id < processed.length; id++) {
            if (processed[id] == Float.NEGATIVE_INFINITY) {
                continue;
            }
            last = id;
            left -= Math.exp(processed[id] - max);
            if (left < 0) {
                return id;
            }
        }
        return last;
    }

    private double max() {
        double max = Double.NEGATIVE_INFINITY;
        for (float score : processed) {
            max = Math.max(max, score);
        }
        return max;
    }
}
