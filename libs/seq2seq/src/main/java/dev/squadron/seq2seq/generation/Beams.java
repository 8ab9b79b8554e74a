package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.generation.GenerationConfig.EarlyStopping;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The beams of one input: those that run, and the best that have finished. Sums are fp32, as in transformers. */
final class Beams {
    /** Far below every log-probability: the score of what shall not be chosen. */
    private static final float OUT = -1e9f;

    /**
     * A sequence that can go on.
     *
     * @param score sum of its processed log-probabilities
     * @param origin the beam of the step before that it came from
     */
    record Beam(Sequence sequence, float score, int origin) {
        Candidate candidate(int beam, int id, float logProb, float processedLogProb) {
            return new Candidate(beam, sequence.append(id, logProb, processedLogProb), score + processedLogProb);
        }
    }

    /**
     * A continuation of a beam.
     *
     * @param beam the beam that it continues
     * @param total sum of its processed log-probabilities
     */
    record Candidate(int beam, Sequence sequence, float total) {}

    private record Finished(Sequence sequence, float score) {}

    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private List<Beam> running = new ArrayList<>();
    private List<Finished> finished = List.of();
    private boolean improvable = true;
    private int steps;

    Beams(GenerationConfig rules, SpecialTokens tokens) {
        this.rules = rules;
        this.tokens = tokens;
        for (int beam = 0; beam < rules.numBeams(); beam++) {
            running.add(new Beam(Sequence.start(tokens.start()), beam == 0 ? 0 : OUT, beam));
        }
    }

    /** Returns how many continuations a step looks at: so many that as many as there are beams do not end. */
    static int candidates(GenerationConfig rules, SpecialTokens tokens) {
        return (1 + tokens.eos().size()) * rules.numBeams();
    }

    /** Returns the beams that run, best first. */
    List<Beam> running() {
        return running;
    }

    /** Returns whether the search for this input goes on. */
    boolean open() {
        return improvable && !(rules.earlyStopping() == EarlyStopping.TRUE && full());
    }

    /**
     * Makes a step.
     *
     * @param candidates the best continuations of all beams, best first; only the first of them, as many as there are beams, may
     *     finish
     */
    void extend(List<Candidate> candidates) {
        steps++;
        int width = rules.numBeams();
        int length = candidates.get(0).sequence().length();
        List<Finished> ended = new ArrayList<>(finished);
        List<Beam> continued = new ArrayList<>();
        for (int rank = 0; rank < candidates.size(); rank++) {
            Candidate candidate = candidates.get(rank);
            boolean ends = length == rules.maxNewTokens()
                    || tokens.eos().contains(candidate.sequence().token());
            continued.add(new Beam(candidate.sequence(), candidate.total() + (ends ? OUT : 0), candidate.beam()));
            if (ends && rank < width && candidate.total() != Float.NEGATIVE_INFINITY) {
                ended.add(new Finished(candidate.sequence(), candidate.total() / penalty(length)));
            }
        }
        running = continued.stream()
                .sorted(Comparator.comparing(Beam::score).reversed())
                .limit(width)
                .toList();
        finished = ended.stream()
                .sorted(Comparator.comparing(Finished::score).reversed())
                .limit(width)
                .toList();
        improvable &= !(running.get(0).score() / penalty(mostPromisingLength(length)) <= worstFinished());
    }

    /**
     * Returns the finished sequences, best first, as many as asked for.
     *
     * @throws IllegalArgumentException where there is none
     */
    List<Generated> results() {
        if (finished.isEmpty()) {
            throw Search.nothingLeft();
        }
        return finished.stream()
                .limit(rules.numReturnSequences())
                .map(each -> each.sequence()
                        .generated(
                                each.score(),
                                tokens.eos().contains(each.sequence().token()))
                        .withSteps(steps))
                .toList();
    }

    private boolean full() {
        return finished.size() == rules.numBeams();
    }

    private float worstFinished() {
        return full() ? finished.get(finished.size() - 1).score() : OUT;
    }

    private int mostPromisingLength(int length) {
        boolean longest = rules.earlyStopping() == EarlyStopping.NEVER && rules.lengthPenalty() > 0;
        return longest ? rules.maxNewTokens() : length;
    }

    private float penalty(int length) {
        return (float) Math.pow(length, rules.lengthPenalty());
    }
}
