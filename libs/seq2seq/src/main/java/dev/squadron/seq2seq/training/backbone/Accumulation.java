package dev.squadron.seq2seq.training.backbone;

/**
 * How the gradient of a batch is put together from parts that go through the model one after the other.
 *
 * @param steps parts of a batch; the examples are divided in order, and a batch of fewer examples has fewer parts
 * @param weighting what a part counts
 */
public record Accumulation(int steps, Weighting weighting) {

    /** What a part of a batch counts. */
    public enum Weighting {
        /** As much as it has label tokens: the gradient is that of the whole batch at once. */
        TOKENS,
        /** As much as any other part, whatever it has: what transformers' Trainer does with T5, mT5 and BART. */
        MEANS
    }

    public Accumulation {
        if (steps < 1) {
            throw new IllegalArgumentException("A batch has " + steps + " parts; it must be 1 or more.");
        }
    }

    /** Returns the whole batch at once. */
    public static Accumulation none() {
        return new Accumulation(1, Weighting.TOKENS);
    }
}
