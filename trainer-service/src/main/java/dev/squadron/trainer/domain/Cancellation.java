package dev.squadron.trainer.domain;

/** Tells a run to stop at its next safe place. */
public final class Cancellation {
    private volatile boolean requested;

    /** Asks the run to stop. */
    public void request() {
        requested = true;
    }

    /** Returns whether somebody asked the run to stop. */
    public boolean isRequested() {
        return requested;
    }

    /**
     * Returns if nobody asked the run to stop.
     *
     * @throws Cancelled otherwise
     */
    public void check() {
        if (requested) {
            throw new Cancelled();
        }
    }
}
