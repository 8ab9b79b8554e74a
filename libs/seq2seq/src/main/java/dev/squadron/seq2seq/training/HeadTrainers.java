package dev.squadron.seq2seq.training;

import dev.squadron.seq2seq.Threads;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/**
 * Several heads side by side over the same mini-batches, as trials of a search: as many at a time as there are threads, each head
 * on one thread from its loss to its update. Every head is, bit for bit, what it would be alone.
 */
public final class HeadTrainers implements AutoCloseable {
    /** What each of the trainers is to be made with. */
    public static final Threads EACH = new Threads(1, 1);

    private final ExecutorService threads;

    /**
     * Makes room for some heads at a time.
     *
     * @param count usually the processor's cores
     */
    public HeadTrainers(int count) {
        threads = Executors.newFixedThreadPool(count);
    }

    /**
     * Makes one update of each head; arguments as in {@link HeadTrainer#step(float[], int[], float[], float)}.
     *
     * @param trainers those that still learn
     * @param learningRates one a trainer
     */
    public List<StepResult> step(
            List<HeadTrainer> trainers, float[] states, int[] labels, float[] weights, float[] learningRates) {
        List<CompletableFuture<StepResult>> steps = IntStream.range(0, trainers.size())
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> trainers.get(i).step(states, labels, weights, learningRates[i]), threads))
                .toList();
        return steps.stream().map(CompletableFuture::join).toList();
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
