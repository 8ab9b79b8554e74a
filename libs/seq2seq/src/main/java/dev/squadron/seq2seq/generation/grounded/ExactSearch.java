package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.prompt.ContextTokens;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the quotations with the highest scores, as if all were tried: best-first search, in which what stays below the best quotations
 * found is never looked at. Probabilities are those among all tokens of the model.
 *
 * <p>A step takes the most promising beginnings of every context together. They differ in length, so each is decoded from its first
 * token on; the keys and values of an input are shared.
 */
public final class ExactSearch {
    /** Beginnings of each context that a step takes. */
    public static final int BEGINNINGS_PER_STEP = 8;

    private final GroundedRules rules;
    private final QuotationFrontier[] frontiers;

    private ExactSearch(GroundedRules rules, List<ContextTokens> contexts) {
        this.rules = rules;
        this.frontiers = contexts.stream()
                .map(context -> new QuotationFrontier(rules, new Spans(context, rules.longest())))
                .toArray(QuotationFrontier[]::new);
    }

    /**
     * Prepares a search.
     *
     * @param rules {@code max_new_tokens}, {@code num_return_sequences}, {@code length_penalty} and the special tokens count
     * @param contexts that of each input
     */
    public static ExactSearch of(GenerationConfig rules, ModelConfig model, List<ContextTokens> contexts) {
        return new ExactSearch(GroundedRules.of(rules, model), contexts);
    }

    /**
     * Returns the best quotations of each input, best first.
     *
     * @param decoder has a head for the whole vocabulary
     */
    public List<List<Output>> search(Decoder decoder) {
        int rowsPerInput = 1;
        while (true) {
            List<List<QuotationSoFar>> beginnings = Arrays.stream(frontiers)
                    .map(frontier -> frontier.takeMostPromising(BEGINNINGS_PER_STEP))
                    .toList();
            int widest = beginnings.stream().mapToInt(List::size).max().orElse(0);
            if (widest == 0) {
                return Arrays.stream(frontiers).map(QuotationFrontier::found).toList();
            }
            int rowsBefore = rowsPerInput;
            decoder.rewind(0);
            decoder.reorder(IntStream.range(0, frontiers.length * widest)
                    .map(row -> row / widest * rowsBefore)
                    .toArray());
            rowsPerInput = widest;
            extend(beginnings, widest, decoder);
        }
    }

    private void extend(List<List<QuotationSoFar>> beginnings, int rowsPerInput, Decoder decoder) {
        int start = rules.start().length;
        int length = start
                + beginnings.stream()
                        .flatMap(List::stream)
                        .mapToInt(each -> each.prefix().length())
                        .max()
                        .orElseThrow();
        int[] ids = new int[frontiers.length * rowsPerInput * length];
        Arrays.fill(ids, rules.pad());
        int[] asked = new int[beginnings.stream().mapToInt(List::size).sum()];
        int place = 0;
        for (int input = 0; input < frontiers.length; input++) {
            for (int i = 0; i < beginnings.get(input).size(); i++) {
                int[] prefix = beginnings.get(input).get(i).prefix().ids();
                int first = (input * rowsPerInput + i) * length;
                System.arraycopy(rules.start(), 0, ids, first, start);
                System.arraycopy(prefix, 0, ids, first + start, prefix.length);
                asked[place++] = first + start + prefix.length - 1;
            }
        }
        Decoder.Step step = decoder.step(ids, asked, 1, true);
        place = 0;
        for (int input = 0; input < frontiers.length; input++) {
            for (QuotationSoFar beginning : beginnings.get(input)) {
                int row = place++;
                frontiers[input].extend(
                        beginning,
                        id -> (double) step.logits()[row * decoder.vocabSize() + id] - step.logSumExp()[row]);
            }
        }
    }
}
