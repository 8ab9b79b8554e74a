package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.generation.processor.LogitsProcessor;
import dev.squadron.seq2seq.generation.processor.LogitsProcessors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Draws each token from the distribution that the processed logits give. The same seed and input give the same sequences, whatever
 * else is in the batch; the numbers come from {@link Random}, whose algorithm is part of Java.
 */
final class Sampling implements Search {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private final List<LogitsProcessor> processors;
    private final int[][] inputIds;

    Sampling(GenerationConfig rules, SpecialTokens tokens, int[][] inputIds) {
        this.rules = rules;
        this.tokens = tokens;
        this.inputIds = inputIds;
        processors = new ArrayList<>(LogitsProcessors.of(rules, tokens.eos()));
        processors.addAll(LogitsProcessors.warpers(rules));
    }

    @Override
    public List<List<Generated>> search(Decoder decoder) {
        long seed = rules.seed() == null ? ThreadLocalRandom.current().nextLong() : rules.seed();
        int perInput = rules.numReturnSequences();
        Random[] random = new Random[decoder.inputs() * perInput];
        for (int index = 0; index < random.length; index++) {
            long own = seed + Arrays.hashCode(inputIds[index / perInput]) * GOLDEN_RATIO;
            random[index] = new Random(mixed(own + index % perInput));
        }
        return new TokenByToken(rules, tokens, true).search(decoder, (sequence, step, row, index) -> {
            Scores scores = Scores.logits(step, row);
            scores.process(processors, sequence);
            int drawn = scores.at(random[index].nextDouble());
            return sequence.append(drawn, scores.logProb(drawn), scores.processedLogProb(drawn));
        });
    }

    /** Spreads seeds that are close to each other: the last step of SplitMix64 (Steele et al., 2014). */
    private static long mixed(long seed) {
        long z = seed + GOLDEN_RATIO;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
