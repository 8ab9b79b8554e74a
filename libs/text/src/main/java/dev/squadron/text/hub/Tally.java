package dev.squadron.text.hub;

import java.time.Duration;

/** Counts the bytes of a download whose files come side by side. */
public final class Tally {
    private static final long INTERVAL = Duration.ofMillis(100).toNanos();

    private final DownloadProgress progress;
    private final long total;
    private long done;
    private long told = System.nanoTime() - INTERVAL;

    /** Tells {@code progress} of a download of {@code total} bytes. */
    public Tally(DownloadProgress progress, long total) {
        this.progress = progress;
        this.total = total;
    }

    /** Adds bytes that have come; less than none where some must come again. */
    public synchronized void add(long bytes) {
        done += bytes;
        long now = System.nanoTime();
        if (done == total || now - told >= INTERVAL) {
            told = now;
            progress.at(done, total);
        }
    }
}
