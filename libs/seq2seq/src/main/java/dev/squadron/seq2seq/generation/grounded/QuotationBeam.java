package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.generation.Output;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The most likely beginnings of quotations of one context; those that have ended leave it, so it becomes narrower. */
final class QuotationBeam {
    private record Candidate(QuotationSoFar quotation, int row, boolean ends, double total, double logProb) {}

    private final Spans spans;
    private final int eos;
    private final int width;
    private final double lengthPenalty;
    private final List<Output> ended = new ArrayList<>();
    private List<QuotationSoFar> running;
    private List<Integer> rows = List.of(0);

    QuotationBeam(Spans spans, int eos, int width, double lengthPenalty) {
        this.spans = spans;
        this.eos = eos;
        this.width = width;
        this.lengthPenalty = lengthPenalty;
        this.running = List.of(QuotationSoFar.empty(spans));
    }

    /** Returns those that go on, most likely first. */
    List<QuotationSoFar> running() {
        return running;
    }

    /** Returns for each of {@link #running} the row that it came from, counted within the input. */
    List<Integer> rows() {
        return rows;
    }

    /** Appends a token to each. */
    void extend(List<NextLogProbs> next) {
        if (running.isEmpty()) {
            return;
        }
        List<Candidate> candidates = new ArrayList<>();
        for (int row = 0; row < running.size(); row++) {
            QuotationSoFar from = running.get(row);
            if (from.prefix().isSpan()) {
                double logProb = next.get(row).of(eos);
                candidates.add(new Candidate(from, row, true, from.sum() + logProb, logProb));
            }
            for (Map.Entry<Integer, SpanPrefix> each :
                    from.prefix().continuations().entrySet()) {
                QuotationSoFar longer =
                        from.append(each.getValue(), next.get(row).of(each.getKey()));
                candidates.add(new Candidate(longer, row, false, longer.sum(), 0));
            }
        }
        List<Candidate> best = candidates.stream()
                .sorted(Comparator.comparingDouble(Candidate::total).reversed())
                .limit(width - ended.size())
                .toList();
        for (Candidate each : best) {
            if (each.ends()) {
                ended.add(each.quotation().end(eos, each.logProb(), lengthPenalty, spans));
            }
        }
        List<Candidate> going = best.stream().filter(each -> !each.ends()).toList();
        running = going.stream().map(Candidate::quotation).toList();
        rows = going.stream().map(Candidate::row).toList();
    }

    /** Returns the quotations with the highest scores, best first, at most {@code wanted}; all must have ended. */
    List<Output> best(int wanted) {
        return ended.stream()
                .sorted(Comparator.comparingDouble(Output::score).reversed())
                .limit(wanted)
                .toList();
    }
}
