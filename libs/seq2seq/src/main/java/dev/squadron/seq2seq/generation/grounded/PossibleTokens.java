package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.text.prompt.ContextTokens;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.IntStream;

/**
 * The tokens that can occur in quotations of some contexts, and {@code </s>}: the only rows of the head that are multiplied.
 *
 * @param ids the tokens, ascending: a decoder's vocabulary
 */
record PossibleTokens(int[] ids) {

    static PossibleTokens of(Collection<ContextTokens> contexts, int eos) {
        IntStream quoted = contexts.stream()
                .flatMapToInt(context -> IntStream.range(0, context.length()).map(context::id));
        return new PossibleTokens(
                IntStream.concat(quoted, IntStream.of(eos)).sorted().distinct().toArray());
    }

    /** Returns the places of other tokens among these. */
    int[] places(PossibleTokens some) {
        return Arrays.stream(some.ids).map(this::place).toArray();
    }

    /**
     * Returns the log-probabilities in a row of a step. They add up to 1 over {@code some}, the tokens that can occur in the row's
     * own context, so the rest of the batch does not matter.
     *
     * @param some places among these tokens
     */
    NextLogProbs normalised(Decoder.Step step, int row, int[] some) {
        int first = row * ids.length;
        double largest = Double.NEGATIVE_INFINITY;
        for (int place : some) {
            largest = Math.max(largest, step.logits()[first + place]);
        }
        double sum = 0;
        for (int place : some) {
            sum += Math.exp(step.logits()[first + place] - largest);
        }
        double logSumExp = largest + Math.log(sum);
        return id -> step.logits()[first + place(id)] - logSumExp;
    }

    private int place(int id) {
        return Arrays.binarySearch(ids, id);
    }
}
