package dev.squadron.trainer.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs work on as many threads as the model serves at a time; results keep the order of the work. */
public final class Lanes implements AutoCloseable {
    private final ExecutorService threads;

    /** Opens so many lanes. */
    public Lanes(int count) {
        threads = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, "lane");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Does all of {@code work} and returns the results in its order.
     *
     * @throws Cancelled when the thread that waits is interrupted
     */
    public <T> List<T> all(List<? extends Callable<T>> work) {
        List<Future<T>> running = new ArrayList<>();
        work.forEach(task -> running.add(threads.submit(task)));
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> task : running) {
                results.add(task.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Cancelled();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            running.forEach(task -> task.cancel(false));
        }
    }

    /** Ends the lanes; returns when no work is done any more. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
