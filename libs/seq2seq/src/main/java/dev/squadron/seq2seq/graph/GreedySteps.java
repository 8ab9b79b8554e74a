package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.Arrays;
import org.tensorflow.types.TFloat32;

/** Finds tokens and probabilities together. */
final class GreedySteps implements GreedyTokens {
    private final FrozenHead head;
    private float[] logProbs = {};

    GreedySteps(FrozenHead head) {
        this.head = head;
    }

    @Override
    public int[] next(TFloat32 states) {
        Step step = head.next(states, 1, false);
        int before = logProbs.length;
        logProbs = Arrays.copyOf(logProbs, before + step.bestLogProbs().length);
        System.arraycopy(step.bestLogProbs(), 0, logProbs, before, step.bestLogProbs().length);
        return step.bestIds();
    }

    @Override
    public void rewind(int length) {
        logProbs = Arrays.copyOf(logProbs, Math.min(length, logProbs.length));
    }

    @Override
    public float[] logProbs() {
        return logProbs.clone();
    }
}
