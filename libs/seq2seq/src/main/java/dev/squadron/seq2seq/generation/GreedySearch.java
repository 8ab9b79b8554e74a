package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.generation.processor.LogitsProcessor;
import dev.squadron.seq2seq.generation.processor.LogitsProcessors;
import java.util.List;

/** Takes the most likely token at each step, as transformers' greedy search does. */
final class GreedySearch implements Search {
    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private final List<LogitsProcessor> processors;

    GreedySearch(GenerationConfig rules, SpecialTokens tokens) {
        this.rules = rules;
        this.tokens = tokens;
        this.processors = LogitsProcessors.of(rules, tokens.eos());
    }

    @Override
    public List<List<Generated>> search(Decoder decoder) {
        boolean plain = processors.isEmpty();
        return new TokenByToken(rules, tokens, !plain).search(decoder, plain ? this::mostLikely : this::bestProcessed);
    }

    private Sequence mostLikely(Sequence sequence, Decoder.Step step, int row, int index) {
        float logProb = step.bestLogProbs()[row];
        return sequence.append(step.bestIds()[row], logProb, logProb);
    }

    private Sequence bestProcessed(Sequence sequence, Decoder.Step step, int row, int index) {
        Scores scores = Scores.logits(step, row);
        scores.process(processors, sequence);
        int best = scores.best(1)[0];
        if (scores.score(best) == Float.NEGATIVE_INFINITY) {
            throw Search.nothingLeft();
        }
        return sequence.append(best, scores.logProb(best), scores.processedLogProb(best));
    }
}
