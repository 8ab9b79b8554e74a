package dev.squadron.text.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How patiently a server is asked again that does not answer, cuts the connection or is busy.
 *
 * @param attempts how often it is asked at most
 * @param first the wait after the first failure; it doubles from failure to failure
 * @param longest the longest wait; a server that asks for a longer one is not asked again
 */
record Retries(int attempts, Duration first, Duration longest) {
    static final Retries PATIENT = new Retries(6, Duration.ofSeconds(1), Duration.ofMinutes(2));
    static final Retries NONE = new Retries(1, Duration.ZERO, Duration.ZERO);

    /** What may fail and be tried again. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** Returns what the first attempt gives that does not fail. */
    <T> T run(Attempt<T> attempt) throws IOException {
        for (int failures = 1; ; failures++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                pause(failures, e);
            }
        }
    }

    /**
     * Waits until it is time to try again.
     *
     * @param failures how many there were without headway, this one counted
     * @throws IOException {@code failure}, when it was one too many
     */
    void pause(int failures, IOException failure) throws IOException {
        Duration asked = failure instanceof BusyException busy ? busy.getWait() : Duration.ZERO;
        if (failures >= attempts || asked.compareTo(longest) > 0) {
            throw failure;
        }
        long doubled = Math.min(longest.toMillis(), first.toMillis() << (failures - 1));
        long jittered = doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1);
        try {
            Thread.sleep(Math.max(jittered, asked.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("Interrupted while waiting for the hub.", e);
        }
    }
}
