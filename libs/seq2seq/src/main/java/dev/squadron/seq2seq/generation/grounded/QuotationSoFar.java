package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.Output;
import java.util.Arrays;

/**
 * The beginning of a quotation in a search.
 *
 * @param prefix its tokens, and where they stand
 * @param logProbs the log-probability of each
 * @param sum their sum
 */
record QuotationSoFar(SpanPrefix prefix, float[] logProbs, double sum) {

    static QuotationSoFar empty(Spans spans) {
        return new QuotationSoFar(SpanPrefix.root(spans), new float[0], 0);
    }

    /** Returns the last token; there must be one. */
    int last() {
        int[] ids = prefix.ids();
        return ids[ids.length - 1];
    }

    QuotationSoFar append(SpanPrefix longer, double logProb) {
        return new QuotationSoFar(longer, append(logProb), sum + logProb);
    }

    /**
     * Ends it; the search knows its steps when it has ended itself.
     *
     * @param logProb the log-probability of {@code </s>}
     * @param lengthPenalty the score is the sum / tokens ^ this, {@code </s>} among them
     */
    Output end(int eos, double logProb, double lengthPenalty, Spans spans) {
        int[] ids = Arrays.copyOf(prefix.ids(), prefix.length() + 1);
        ids[prefix.length()] = eos;
        float[] all = append(logProb);
        double score = (sum + logProb) / Math.pow(ids.length, lengthPenalty);
        Generated generated = new Generated(ids, all, all, score, prefix.length() < spans.longest(), 0);
        int first = prefix.first();
        return new Output(generated, spans.context().span(first, first + prefix.length()));
    }

    private float[] append(double logProb) {
        float[] longer = Arrays.copyOf(logProbs, logProbs.length + 1);
        longer[logProbs.length] = (float) logProb;
        return longer;
    }
}
