package dev.squadron.seq2seq.generation;

import dev.squadron.text.prompt.ContextSpan;
import java.util.Optional;

/**
 * An output of a search over a context.
 *
 * @param generated its tokens, {@code </s>} behind them where it came
 * @param span the first place where they stand in the context, if they do; a quotation has none where the context has nothing to quote
 */
public record Output(Generated generated, Optional<ContextSpan> span) {

    /** Returns what the search ranked it by. */
    public double score() {
        return generated.score();
    }

    /** Returns the same with another number of steps. */
    public Output withSteps(int steps) {
        return new Output(generated.withSteps(steps), span);
    }
}
