package dev.squadron.seq2seq.generation.processor;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Forbids the least likely tokens that together have at most 1 − mass of the probability (Holtzman et al., 2020); the most likely
 * one stays.
 *
 * @param mass 0 to 1
 */
record TopP(float mass) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        List<Integer> ascending = IntStream.range(0, scores.length)
                .filter(id -> scores[id] != Float.NEGATIVE_INFINITY)
                .boxed()
                .sorted(Comparator.comparing(id -> scores[id]))
                .toList();
        if (ascending.isEmpty()) {
            return;
        }
        double max = scores[ascending.get(ascending.size() - 1)];
        double total =
                ascending.stream().mapToDouble(id -> Math.exp(scores[id] - max)).sum();
        double below = 0;
        for (int id : ascending.subList(0, ascending.size() - 1)) {
            below += Math.exp(scores[id] - max) / total;
            if (below > 1.0 - mass) {
                return;
            }
            scores[id] = Float.NEGATIVE_INFINITY;
        }
    }
}
