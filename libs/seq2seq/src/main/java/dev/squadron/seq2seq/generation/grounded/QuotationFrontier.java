package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.generation.Output;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What a best-first search knows of one context: the best quotations found, and the beginnings that may still lead to better ones. A
 * beginning's log-probability only falls as it grows, so it bounds the score of every quotation that begins so.
 */
final class QuotationFrontier {
    private final GroundedRules rules;
    private final Spans spans;
    private final PriorityQueue<QuotationSoFar> open =
            new PriorityQueue<>(Comparator.comparingDouble(this::bound).reversed());
    private final List<Output> found = new ArrayList<>();
    private int steps;

    QuotationFrontier(GroundedRules rules, Spans spans) {
        this.rules = rules;
        this.spans = spans;
        open.add(QuotationSoFar.empty(spans));
    }

    /** Takes the most promising beginnings out, at most {@code limit}; none where all quotations wanted are found. */
    List<QuotationSoFar> takeMostPromising(int limit) {
        List<QuotationSoFar> beginnings = new ArrayList<>();
        while (beginnings.size() < limit && !open.isEmpty() && isPromising(open.peek())) {
            beginnings.add(open.poll());
        }
        if (!beginnings.isEmpty()) {
            steps++;
        }
        return beginnings;
    }

    /** Puts what a beginning leads to with one token more. */
    void extend(QuotationSoFar beginning, NextLogProbs next) {
        if (beginning.prefix().isSpan()) {
            end(beginning.end(rules.eos(), next.of(rules.eos()), rules.lengthPenalty(), spans));
        }
        for (Map.Entry<Integer, SpanPrefix> each :
                beginning.prefix().continuations().entrySet()) {
            QuotationSoFar longer = beginning.append(each.getValue(), next.of(each.getKey()));
            if (isPromising(longer)) {
                open.add(longer);
            }
        }
    }

    /** Returns the quotations with the highest scores, best first. */
    List<Output> found() {
        return found.stream().map(each -> each.withSteps(steps)).toList();
    }

    private void end(Output quotation) {
        int place = found.size();
        while (place > 0 && found.get(place - 1).score() < quotation.score()) {
            place--;
        }
        found.add(place, quotation);
        if (found.size() > rules.wanted()) {
            found.remove(found.size() - 1);
        }
    }

    private boolean isPromising(QuotationSoFar beginning) {
        return found.size() < rules.wanted()
                || bound(beginning) > found.get(found.size() - 1).score();
    }

    /** Returns what no quotation that begins so exceeds. */
    private double bound(QuotationSoFar beginning) {
        int length = rules.lengthPenalty() >= 0
                ? rules.longest() + 1
                : beginning.prefix().length() + 1;
        return beginning.sum() / Math.pow(length, rules.lengthPenalty());
    }
}
