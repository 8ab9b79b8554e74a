package dev.squadron.seq2seq.generation;

/**
 * Tokens generated so far. It never changes; longer ones share their beginning.
 *
 * @param before all but the last token; null where this is the start token
 * @param token the last token
 * @param logProb log softmax of the raw logits at it
 * @param processedLogProb its log-probability after the processors
 * @param length tokens without the start token
 */
record Sequence(Sequence before, int token, float logProb, float processedLogProb, int length) {

    static Sequence start(int startToken) {
        return new Sequence(null, startToken, 0, 0, 0);
    }

    Sequence append(int next, float nextLogProb, float nextProcessedLogProb) {
        return new Sequence(this, next, nextLogProb, nextProcessedLogProb, length + 1);
    }

    /** Returns the tokens with the start token, [length + 1]. */
    int[] ids() {
        int[] ids = new int[length + 1];
        for (Sequence at = this; at != null; at = at.before) {
            ids[at.length] = at.token;
        }
        return ids;
    }

    Generated generated(double score, boolean finished) {
        int[] ids = new int[length];
        float[] logProbs = new float[length];
        float[] processed = new float[length];
        for (Sequence at = this; at.before != null; at = at.before) {
            ids[at.length - 1] = at.token;
            logProbs[at.length - 1] = at.logProb;
            processed[at.length - 1] = at.processedLogProb;
        }
        return new Generated(ids, logProbs, processed, score, finished, length);
    }
}
