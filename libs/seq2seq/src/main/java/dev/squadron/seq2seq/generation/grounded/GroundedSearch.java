package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.prompt.ContextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Looks for the most likely quotation of each context, token by token: greedy search with a beam of 1, else beam search whose beam
 * becomes narrower with every quotation that has ended. Probabilities are those among the tokens that the context has.
 *
 * <p>Where a single quotation goes on, it is guessed to do so as its context does, and the decoder looks at all guesses in one step: what is found
 * stays the same.
 */
public final class GroundedSearch {
    /** With the token before them no more rows than a step of few has. */
    private static final int MOST_GUESSES = 4;

    private final GroundedRules rules;
    private final PossibleTokens tokens;
    private final QuotationBeam[] beams;
    private final int[][] places;

    /** How often the decoder has run for each input. */
    private final int[] steps;

    private GroundedSearch(GroundedRules rules, List<ContextTokens> contexts) {
        this.rules = rules;
        this.tokens = PossibleTokens.of(contexts, rules.eos());
        this.beams = contexts.stream()
                .map(context -> new Spans(context, rules.longest()))
                .map(spans -> new QuotationBeam(spans, rules.eos(), rules.width(), rules.lengthPenalty()))
                .toArray(QuotationBeam[]::new);
        this.places = contexts.stream()
                .map(context -> tokens.places(PossibleTokens.of(List.of(context), rules.eos())))
                .toArray(int[][]::new);
        this.steps = new int[contexts.size()];
    }

    /**
     * Prepares a search.
     *
     * @param rules {@code max_new_tokens}, {@code num_beams}, {@code num_return_sequences}, {@code length_penalty} and the special
     *     tokens count
     * @param contexts that of each input
     */
    public static GroundedSearch of(GenerationConfig rules, ModelConfig model, List<ContextTokens> contexts) {
        return new GroundedSearch(GroundedRules.of(rules, model), contexts);
    }

    /** Returns the tokens that can come, ascending. */
    public int[] possibleTokens() {
        return tokens.ids();
    }

    /**
     * Returns the best quotations that were found for each input, best first.
     *
     * @param decoder its head has the rows of {@link #possibleTokens} alone
     */
    public List<List<Output>> search(Decoder decoder) {
        int rowsPerInput = 1;
        int[] ids = rules.beginning(beams.length);
        int[] asked = rules.endsOfBeginning(beams.length);
        int[] guess = {};
        int position = 0;
        while (true) {
            Decoder.Step step = decoder.step(ids, asked, 1, true);
            for (int input = 0; input < beams.length; input++) {
                steps[input] += beams[input].running().isEmpty() ? 0 : 1;
                extend(input, step, input * rowsPerInput);
            }
            int right = follow(guess, step);
            position += ids.length / (beams.length * rowsPerInput) - (guess.length - right);
            int widest = Arrays.stream(beams)
                    .mapToInt(beam -> beam.running().size())
                    .max()
                    .orElse(0);
            if (widest == 0) {
                return IntStream.range(0, beams.length).mapToObj(this::best).toList();
            }
            int[] last = new int[beams.length * widest];
            int[] rows = new int[last.length];
            for (int i = 0; i < last.length; i++) {
                QuotationBeam beam = beams[i / widest];
                boolean runs = i % widest < beam.running().size();
                rows[i] = i / widest * rowsPerInput + (runs ? beam.rows().get(i % widest) : 0);
                last[i] = runs ? beam.running().get(i % widest).last() : rules.pad();
            }
            decoder.rewind(position);
            decoder.reorder(rows);
            guess = last.length == 1 ? beams[0].running().get(0).prefix().following(MOST_GUESSES) : new int[0];
            ids = IntStream.concat(Arrays.stream(last), Arrays.stream(guess)).toArray();
            asked = IntStream.range(0, ids.length).toArray();
            rowsPerInput = widest;
        }
    }

    /** Goes on with the only quotation as far as a guess is what it would have chosen; returns how many tokens of it are. */
    private int follow(int[] guess, Decoder.Step step) {
        int right = 0;
        while (right < guess.length && isOnlyQuotation(guess[right])) {
            right++;
            extend(0, step, right);
        }
        return right;
    }

    private boolean isOnlyQuotation(int last) {
        List<QuotationSoFar> running = beams[0].running();
        return running.size() == 1 && running.get(0).last() == last;
    }

    private List<Output> best(int input) {
        return beams[input].best(rules.wanted()).stream()
                .map(each -> each.withSteps(steps[input]))
                .toList();
    }

    private void extend(int input, Decoder.Step step, int firstRow) {
        List<NextLogProbs> next = new ArrayList<>();
        for (int i = 0; i < beams[input].running().size(); i++) {
            next.add(tokens.normalised(step, firstRow + i, places[input]));
        }
        beams[input].extend(next);
    }
}
