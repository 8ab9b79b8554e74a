package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.text.prompt.ContextSpan;
import java.util.Optional;

/**
 * An output that is a span of its context.
 *
 * @param generated the span's tokens, {@code </s>} behind them
 * @param span where they stand in the context, first place; empty where the context has nothing that can be quoted
 */
public record Quotation(Generated generated, Optional<ContextSpan> span) {

    /** Returns its score. */
    double score() {
        return generated.score();
    }

    Quotation withSteps(int steps) {
        return new Quotation(generated.withSteps(steps), span);
    }
}
