package dev.squadron.seq2seq.generation;

import java.util.Arrays;
import java.util.List;

/**
 * Greedy search for one input that takes fewer steps: it guesses that the output goes on as the input did where the same tokens
 * stand, has the decoder look at all guesses at once, and keeps those that greedy search would have chosen. Saxena, “Prompt Lookup
 * Decoding”, 2023.
 */
final class PromptLookup implements Search {
    /** Tokens at the end of the output that are looked up; fewer where so many are not found. */
    private static final int LONGEST_MATCH = 2;

    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private final int[] input;

    PromptLookup(GenerationConfig rules, SpecialTokens tokens, int[] input) {
        this.rules = rules;
        this.tokens = tokens;
        this.input = input;
    }

    @Override
    public List<List<Generated>> search(Decoder decoder) {
        Sequence sequence = Sequence.start(tokens.start());
        double score = 0;
        int steps = 0;
        while (!ended(sequence)) {
            decoder.rewind(sequence.length());
            int[] guess = guess(sequence);
            int[] ids = new int[guess.length + 1];
            ids[0] = sequence.token();
            System.arraycopy(guess, 0, ids, 1, guess.length);
            Decoder.Step step = decoder.step(ids, 1, false);
            steps++;
            int place = 0;
            do {
                float logProb = step.bestLogProbs()[place];
                sequence = sequence.append(step.bestIds()[place], logProb, logProb);
                score += logProb;
                place++;
            } while (place < ids.length && ids[place] == sequence.token() && !ended(sequence));
        }
        boolean finished = tokens.eos().contains(sequence.token());
        return List.of(List.of(sequence.generated(score, finished).withSteps(steps)));
    }

    private boolean ended(Sequence sequence) {
        return sequence.length() == rules.maxNewTokens()
                || (sequence.length() > 0 && tokens.eos().contains(sequence.token()));
    }

    /** Returns the tokens that follow in the input where the sequence's last ones stand first, as many as there is room for. */
    private int[] guess(Sequence sequence) {
        int room = rules.maxNewTokens() - sequence.length() - 1;
        int[] output = Arrays.copyOfRange(sequence.ids(), 1, sequence.length() + 1);
        for (int match = Math.min(LONGEST_MATCH, output.length); match > 0; match--) {
            for (int end = match; end < input.length; end++) {
                if (Arrays.equals(input, end - match, end, output, output.length - match, output.length)) {
                    int guessed = Math.min(Math.min(rules.promptLookupNumTokens(), room), input.length - end);
                    return Arrays.copyOfRange(input, end, end + guessed);
                }
            }
        }
        return new int[0];
    }
}
