package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.prompt.ContextTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Finds the quotation with the highest score, as if all were tried: best-first search. A beginning's log-probability only falls as it
 * grows, so it bounds the score of every quotation that begins so; what stays below the best quotation found is never looked at.
 * Probabilities are those among all tokens of the model.
 *
 * <p>A step takes the most promising beginnings together. They differ in length, so each is decoded from its first token on; the
 * keys and values of the input are shared.
 */
public final class ExactSearch {
    private static final int BEGINNINGS_PER_STEP = 8;

    private final GroundedRules rules;
    private final Spans spans;
    private final PriorityQueue<QuotationSoFar> open =
            new PriorityQueue<>(Comparator.comparingDouble(this::bound).reversed());
    private Quotation best;

    private ExactSearch(GroundedRules rules, Spans spans) {
        this.rules = rules;
        this.spans = spans;
    }

    /**
     * Prepares a search.
     *
     * @param rules {@code max_new_tokens}, {@code length_penalty} and the special tokens count
     */
    public static ExactSearch of(GenerationConfig rules, ModelConfig model, ContextTokens context) {
        GroundedRules grounded = GroundedRules.of(rules, model);
        return new ExactSearch(grounded, new Spans(context, grounded.longest()));
    }

    /**
     * Returns the best quotation.
     *
     * @param decoder has one input, and a head for the whole vocabulary
     */
    public Quotation search(Decoder decoder) {
        best = null;
        open.clear();
        open.add(QuotationSoFar.empty(spans));
        while (isPromising(open.peek())) {
            List<QuotationSoFar> beginnings = new ArrayList<>();
            while (beginnings.size() < BEGINNINGS_PER_STEP && isPromising(open.peek())) {
                beginnings.add(open.poll());
            }
            extend(beginnings, decoder);
        }
        return best;
    }

    private void extend(List<QuotationSoFar> beginnings, Decoder decoder) {
        int start = rules.start().length;
        int length = start
                + beginnings.stream()
                        .mapToInt(each -> each.prefix().length())
                        .max()
                        .orElseThrow();
        int[] ids = new int[beginnings.size() * length];
        int[] asked = new int[beginnings.size()];
        for (int row = 0; row < asked.length; row++) {
            int[] prefix = beginnings.get(row).prefix().ids();
            System.arraycopy(rules.start(), 0, ids, row * length, start);
            System.arraycopy(prefix, 0, ids, row * length + start, prefix.length);
            asked[row] = row * length + start + prefix.length - 1;
        }
        decoder.rewind(0);
        decoder.reorder(new int[beginnings.size()]);
        Decoder.Step step = decoder.step(ids, asked, 1, true);
        for (int row = 0; row < asked.length; row++) {
            extend(beginnings.get(row), step, row, decoder.vocabSize());
        }
    }

    private void extend(QuotationSoFar beginning, Decoder.Step step, int row, int vocabSize) {
        NextLogProbs next = id -> (double) step.logits()[row * vocabSize + id] - step.logSumExp()[row];
        if (beginning.prefix().isSpan()) {
            Quotation ended = beginning.end(rules.eos(), next.of(rules.eos()), rules.lengthPenalty(), spans);
            if (best == null || ended.generated().score() > best.generated().score()) {
                best = ended;
            }
        }
        for (Map.Entry<Integer, SpanPrefix> each :
                beginning.prefix().continuations().entrySet()) {
            QuotationSoFar longer = beginning.append(each.getValue(), next.of(each.getKey()));
            if (isPromising(longer)) {
                open.add(longer);
            }
        }
    }

    private boolean isPromising(QuotationSoFar beginning) {
        return beginning != null
                && (best == null || bound(beginning) > best.generated().score());
    }

    /** Returns what no quotation that begins so exceeds. */
    private double bound(QuotationSoFar beginning) {
        int length = rules.lengthPenalty() >= 0
                ? rules.longest() + 1
                : beginning.prefix().length() + 1;
        return beginning.sum() / Math.pow(length, rules.lengthPenalty());
    }
}
