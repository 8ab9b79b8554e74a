package dev.squadron.benchmarks;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** How fast all cores together move memory that no cache holds: the yardstick of what is bounded by memory. */
public final class MemorySpeed implements AutoCloseable {
    private static final int ELEMENTS = 16 << 20;

    private final int cores = Runtime.getRuntime().availableProcessors();
    private final ExecutorService threads = Executors.newFixedThreadPool(cores);
    private final float[][] a = new float[cores][ELEMENTS / cores];
    private final float[][] b = new float[cores][ELEMENTS / cores];
    private final float[][] c = new float[cores][ELEMENTS / cores];

    /** Makes room for the arrays. */
    public MemorySpeed() {}

    /** Returns bytes a second of a ← b, read and written. */
    public double copy() throws Exception {
        return bytesPerSecond(2, core -> System.arraycopy(b[core], 0, a[core], 0, a[core].length));
    }

    /** Returns bytes a second of a ← b + 3 · c, read and written (McCalpin's triad). */
    double triad() throws Exception {
        return bytesPerSecond(3, core -> triad(a[core], b[core], c[core]));
    }

    private static void triad(float[] a, float[] b, float[] c) {
        for (int i = 0; i < a.length; i++) {
            a[i] = b[i] + 3f * c[i];
        }
    }

    private double bytesPerSecond(int arrays, IntConsumer work) throws Exception {
        long began = System.nanoTime();
        List<? extends Future<?>> parts = IntStream.range(0, cores)
                .mapToObj(core -> threads.submit(() -> work.accept(core)))
                .toList();
        for (Future<?> part : parts) {
            part.get();
        }
        return (double) arrays * Float.BYTES * ELEMENTS / ((System.nanoTime() - began) / 1e9);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
