package dev.squadron.seq2seq.generation.processor;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Forbids runs of tokens: the last token of one, where the others have just come.
 *
 * @param words the runs
 */
record BadWords(List<int[]> words) implements LogitsProcessor {

    /** Leaves out words that are an end token alone, as transformers does. */
    static BadWords of(List<List<Integer>> words, Set<Integer> eos) {
        return new BadWords(words.stream()
                .filter(word -> word.size() > 1 || !eos.contains(word.get(0)))
                .map(word -> word.stream().mapToInt(Integer::intValue).toArray())
                .toList());
    }

    @Override
    public void process(float[] scores, int[] sequence) {
        for (int[] word : words) {
            int before = word.length - 1;
            int begun = sequence.length - before;
            if (before > 0 && (begun < 1 || !Arrays.equals(word, 0, before, sequence, begun, sequence.length))) {
                continue;
            }
            scores[word[before]] = Float.NEGATIVE_INFINITY;
        }
    }
}
