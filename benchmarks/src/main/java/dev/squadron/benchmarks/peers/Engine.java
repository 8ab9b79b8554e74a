package dev.squadron.benchmarks.peers;

import java.util.List;
import java.util.Map;

/** What runs a model: Squadron or a peer, in one precision, with one way to use the cores. */
interface Engine extends AutoCloseable {

    /** Returns its name. */
    String name();

    /** Returns the precision of its weights: fp32, bf16 or int8. */
    String precision();

    /** Returns the batches that it works on at the same time. */
    int workers();

    /** Returns the threads that work on one batch. */
    int threads();

    /** Returns versions by name. */
    Map<String, String> versions();

    /** Returns whether it can run an encoder alone. */
    boolean encodes();

    /** Runs the encoder over batches of inputs. */
    void encode(List<int[][]> batches);

    /**
     * Generates the best output of each input.
     *
     * @param beams 1 for greedy search
     * @param newTokens most tokens of an output
     * @return the ids of each input's output
     */
    List<List<Integer>> generate(List<int[][]> batches, int beams, int newTokens);

    @Override
    void close();
}
