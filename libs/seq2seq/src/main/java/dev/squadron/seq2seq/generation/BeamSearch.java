package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.generation.processor.LogitsProcessor;
import dev.squadron.seq2seq.generation.processor.LogitsProcessors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Follows the best few sequences of each input at the same time, as transformers' beam search does: processors work on
 * log-probabilities, and nothing is normalised again.
 */
final class BeamSearch implements Search {
    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private final List<LogitsProcessor> processors;

    BeamSearch(GenerationConfig rules, SpecialTokens tokens) {
        this.rules = rules;
        this.tokens = tokens;
        this.processors = LogitsProcessors.of(rules, tokens.eos());
    }

    @Override
    public List<List<Generated>> search(Decoder decoder) {
        int width = rules.numBeams();
        int best = Math.min(Beams.candidates(rules, tokens), decoder.vocabSize());
        Beams[] inputs = new Beams[decoder.inputs()];
        Arrays.setAll(inputs, input -> new Beams(rules, tokens));
        int[] next = new int[inputs.length];
        Arrays.fill(next, tokens.start());
        int[] rows = null;
        for (int length = 1; length <= rules.maxNewTokens() && anyOpen(inputs); length++) {
            if (rows != null) {
                decoder.reorder(rows);
            }
            int beamsPerRow = rows == null ? width : 1;
            Decoder.Step step = processors.isEmpty() ? decoder.step(next, best, false) : decoder.step(next, 1, true);
            rows = new int[inputs.length * width];
            next = new int[rows.length];
            for (int input = 0; input < inputs.length; input++) {
                int firstBeam = input * width;
                boolean open = inputs[input].open();
                if (open) {
                    inputs[input].extend(candidates(inputs[input], firstBeam, beamsPerRow, step, best));
                }
                for (int beam = 0; beam < width; beam++) {
                    Beams.Beam running = inputs[input].running().get(beam);
                    rows[firstBeam + beam] = (firstBeam + (open ? running.origin() : beam)) / beamsPerRow;
                    next[firstBeam + beam] = open ? running.sequence().token() : tokens.pad();
                }
            }
        }
        return Arrays.stream(inputs).map(Beams::results).toList();
    }

    /** Returns the best continuations of an input's beams, best first. In the first step all beams of an input share a row. */
    private List<Beams.Candidate> candidates(Beams beams, int firstBeam, int beamsPerRow, Decoder.Step step, int best) {
        List<Beams.Candidate> found = new ArrayList<>();
        for (int beam = 0; beam < rules.numBeams(); beam++) {
            int row = (firstBeam + beam) / beamsPerRow;
            Beams.Beam from = beams.running().get(beam);
            if (processors.isEmpty()) {
                for (int i = row * best; i < (row + 1) * best; i++) {
                    found.add(from.candidate(beam, step.bestIds()[i], step.bestLogProbs()[i], step.bestLogProbs()[i]));
                }
            } else {
                Scores scores = Scores.logProbs(step, row);
                scores.process(processors, from.sequence());
                for (int id : scores.best(best)) {
                    found.add(from.candidate(beam, id, scores.logProb(id), scores.score(id)));
                }
            }
        }
        return found.stream()
                .sorted(Comparator.comparing(Beams.Candidate::total).reversed())
                .limit(Beams.candidates(rules, tokens))
                .toList();
    }

    private static boolean anyOpen(Beams[] inputs) {
        return Arrays.stream(inputs).anyMatch(Beams::open);
    }
}
