package dev.squadron.seq2seq.graph;

import java.util.Arrays;
import org.tensorflow.types.TFloat32;

/** Finds tokens by {@link Screening}, and probabilities at the end, those of all positions by one product. */
final class ScreenedTokens implements GreedyTokens {
    /** Of so many states logits are computed together: products of more than 65 are prepared otherwise. */
    private static final int AT_A_TIME = 64;

    private final FrozenHead head;
    private final int dModel;

    /** Of the positions so far, [positions, D] row by row. */
    private float[] states = {};

    ScreenedTokens(FrozenHead head, int dModel) {
        this.head = head;
        this.dModel = dModel;
    }

    @Override
    public int[] next(TFloat32 found) {
        float[] elements = Tensors.array(found);
        int before = states.length;
        states = Arrays.copyOf(states, before + elements.length);
        System.arraycopy(elements, 0, states, before, elements.length);
        return head.screen(found, elements)
                .orElseGet(() -> head.next(found, 1, false).bestIds());
    }

    @Override
    public void rewind(int length) {
        states = Arrays.copyOf(states, Math.min(length * dModel, states.length));
    }

    @Override
    public float[] logProbs() {
        int count = states.length / dModel;
        float[] logProbs = new float[count];
        for (int first = 0; first < count; first += AT_A_TIME) {
            int end = Math.min(count, first + AT_A_TIME);
            float[] some = Arrays.copyOfRange(states, first * dModel, end * dModel);
            try (TFloat32 asked = Tensors.floats(some, end - first, dModel)) {
                System.arraycopy(head.next(asked, 1, false).bestLogProbs(), 0, logProbs, first, end - first);
            }
        }
        return logProbs;
    }
}
