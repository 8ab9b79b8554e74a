package dev.squadron.trainer.domain;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** At most one piece of work at a time, on a thread of its own. */
public final class Work {
    private record Running(String name, Cancellation cancellation, Thread thread) {}

    private final AtomicReference<Running> running = new AtomicReference<>();

    /** Returns whether nothing is being done. */
    public boolean isIdle() {
        return running.get() == null;
    }

    /**
     * Begins, when idle.
     *
     * @param name of the work, and of its thread
     * @param work is given what tells it to stop
     */
    public void begin(String name, Consumer<Cancellation> work) {
        Cancellation cancellation = new Cancellation();
        Thread thread = new Thread(
                () -> {
                    try {
                        work.accept(cancellation);
                    } finally {
                        running.set(null);
                    }
                },
                name);
        running.set(new Running(name, cancellation, thread));
        thread.start();
    }

    /** Asks the work of that name to stop, if it is being done. */
    public void cancel(String name) {
        Running current = running.get();
        if (current != null && current.name().equals(name)) {
            current.cancellation().request();
        }
    }

    /** Stops what is being done, and waits until it has stopped. */
    public void stop() {
        Running current = running.get();
        if (current == null) {
            return;
        }
        current.cancellation().request();
        try {
            current.thread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
