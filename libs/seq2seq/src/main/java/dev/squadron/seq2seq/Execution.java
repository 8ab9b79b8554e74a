package dev.squadron.seq2seq;

/**
 * How a model is computed.
 *
 * @param precision in which numbers
 * @param threads by how many threads
 */
public record Execution(Precision precision, Threads threads) {

    /** Returns the reference: fp32 on the CPU. */
    public static Execution reference(Threads threads) {
        return new Execution(Precision.FP32, threads);
    }
}
