package dev.squadron.seq2seq;

/**
 * Threads of TensorFlow. Throughput is best with one thread an operation and as many callers as there are cores; the pool
 * within operations belongs to the process, and the first session sets its size.
 *
 * @param intraOp threads within one operation
 * @param interOp operations at a time
 */
public record Threads(int intraOp, int interOp) {
    public Threads {
        if (intraOp < 1 || interOp < 1) {
            throw new IllegalArgumentException("Threads must be at least 1: " + intraOp + ", " + interOp);
        }
    }

    /** Returns one thread an operation and as many operations at a time as the machine has cores. */
    public static Threads perCore() {
        return new Threads(1, Math.max(1, Runtime.getRuntime().availableProcessors()));
    }
}
