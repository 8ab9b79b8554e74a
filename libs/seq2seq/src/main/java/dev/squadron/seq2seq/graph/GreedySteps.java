package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.types.TFloat32;

/** Finds tokens and probabilities together. */
final class GreedySteps implements GreedyTokens {
    private final FrozenHead head;
    private final List<Float> logProbs = new ArrayList<>();

    GreedySteps(FrozenHead head) {
        this.head = head;
    }

    @Override
    public int[] next(TFloat32 states) {
        Step step = head.next(states, 1, false);
        for (float logProb : step.bestLogProbs()) {
            logProbs.add(logProb);
        }
        return step.bestIds();
    }

    @Override
    public void rewind(int length) {
        logProbs.subList(Math.min(length, logProbs.size()), logProbs.size()).clear();
    }

    @Override
    public float[] logProbs() {
        float[] all = new float[logProbs.size()];
        for (int position = 0; position < all.length; position++) {
            all[position] = logProbs.get(position);
        }
        return all;
    }
}
