package dev.squadron.text.hub;

import java.io.IOException;
import java.time.Duration;

/** A server cannot answer now. */
final class BusyException extends IOException {
    private static final long serialVersionUID = 1;

    private final Duration wait;

    /** Takes the least time to wait before the next request, as the server asks. */
    BusyException(String message, Duration wait) {
        super(message);
        this.wait = wait;
    }

    Duration getWait() {
        return wait;
    }
}
