package dev.squadron.seq2seq.generation;

import java.util.Arrays;
import java.util.List;

/**
 * Greedy search for one input. Where guesses are allowed it takes fewer steps: it guesses that the output goes on as the input did where the same tokens
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
        int[] output = {};
        int steps = 0;
        while (!ended(output)) {
            decoder.rewind(output.length);
            int[] guess = guess(output);
            int[] ids = new int[guess.length + 1];
            ids[0] = output.length == 0 ? tokens.start() : last(output);
            System.arraycopy(guess, 0, ids, 1, guess.length);
            int[] found = decoder.mostLikely(ids);
            steps++;
            int place = 0;
            do {
                output = Arrays.copyOf(output, output.length + 1);
                output[output.length - 1] = found[place];
                place++;
            } while (place < ids.length && ids[place] == last(output) && !ended(output));
        }
        float[] logProbs = Arrays.copyOf(decoder.logProbs(), output.length);
        boolean finished = tokens.eos().contains(last(output));
        return List.of(List.of(new Generated(output, logProbs, finished).withSteps(steps)));
    }

    private boolean ended(int[] output) {
        return output.length == rules.maxNewTokens()
                || (output.length > 0 && tokens.eos().contains(last(output)));
    }

    private static int last(int[] output) {
        return output[output.length - 1];
    }

    /** Returns the tokens that follow in the input where the output's last ones stand first, as many as there is room for. */
    private int[] guess(int[] output) {
        int room = rules.maxNewTokens() - output.length - 1;
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
