package dev.squadron.trainer.domain;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells work to stop at its next safe place. */
public final class Cancellation {
    private final CountDownLatch requested = new CountDownLatch(1);

    /** Asks the work to stop. */
    public void request() {
        requested.countDown();
    }

    /**
     * Returns if nobody asked the work to stop.
     *
     * @throws Cancelled otherwise
     */
    public void check() {
        pause(Duration.ZERO);
    }

    /**
     * Returns after a while.
     *
     * @throws Cancelled as soon as somebody asks the work to stop
     */
    public void pause(Duration time) {
        try {
            if (requested.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new Cancelled();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Cancelled();
        }
    }
}
