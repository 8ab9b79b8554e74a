package dev.squadron.trainer.domain.learning;

import dev.squadron.trainer.domain.features.FeatureExample;
import java.util.List;

/**
 * The label positions of a few examples, one after another.
 *
 * @param states [positions, d_model] row by row
 * @param labels the label id of each position
 */
public record Minibatch(float[] states, int[] labels) {

    /** Gathers the positions of {@code examples}, in their order. */
    public static Minibatch of(List<FeatureExample> examples, int dModel) {
        int positions =
                examples.stream().mapToInt(example -> example.labels().length).sum();
        float[] states = new float[Math.multiplyExact(positions, dModel)];
        int[] labels = new int[positions];
        int row = 0;
        for (FeatureExample example : examples) {
            int count = example.labels().length;
            example.states().get(example.firstPosition() * dModel, states, row * dModel, count * dModel);
            System.arraycopy(example.labels(), 0, labels, row, count);
            row += count;
        }
        return new Minibatch(states, labels);
    }
}
