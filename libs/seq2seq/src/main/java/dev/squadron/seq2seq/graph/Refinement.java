package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Computes the logits of a few tokens again, in fp32, where those of all were computed in less. */
final class Refinement {
    private final Head head;
    private final float[] states;

    private record Candidate(int id, double rough, double logit) {}

    /** @param states [N, D] */
    Refinement(Head head, float[] states) {
        this.head = head;
        this.states = states;
    }

    /**
     * Returns what a step finds with the candidates' own logits.
     *
     * @param rough the candidates, more than are wanted, and their log-probabilities
     * @param best how many of the most likely tokens are wanted
     */
    Step refine(Step rough, int best) {
        int asked = rough.logSumExp().length;
        int[] ids = new int[asked * best];
        float[] logProbs = new float[asked * best];
        float[] logSumExp = new float[asked];
        for (int state = 0; state < asked; state++) {
            List<Candidate> candidates = candidates(rough, state);
            double sum = logSumExp(rough.logSumExp()[state], candidates);
            logSumExp[state] = (float) sum;
            List<Candidate> sorted = candidates.stream()
                    .sorted(Comparator.comparingDouble(Candidate::logit)
                            .reversed()
                            .thenComparingInt(Candidate::id))
                    .toList();
            for (int place = 0; place < best; place++) {
                ids[state * best + place] = sorted.get(place).id();
                logProbs[state * best + place] = (float) (sorted.get(place).logit() - sum);
            }
        }
        return new Step(ids, logProbs, logSumExp, null);
    }

    private List<Candidate> candidates(Step rough, int state) {
        int count = rough.bestIds().length / rough.logSumExp().length;
        return IntStream.range(state * count, (state + 1) * count)
                .mapToObj(place -> {
                    int id = rough.bestIds()[place];
                    double about = rough.bestLogProbs()[place] + (double) rough.logSumExp()[state];
                    return new Candidate(id, about, head.logit(states, state, id));
                })
                .toList();
    }

    /** Returns log Σ exp of all logits, those of the candidates put in the place of the rough ones. */
    private static double logSumExp(double rough, List<Candidate> candidates) {
        double largest = candidates.stream().mapToDouble(Candidate::logit).reduce(rough, Math::max);
        double others = Math.exp(rough - largest);
        double own = 0;
        for (Candidate candidate : candidates) {
            others -= Math.exp(candidate.rough() - largest);
            own += Math.exp(candidate.logit() - largest);
        }
        return largest + Math.log(Math.max(0, others) + own);
    }
}
