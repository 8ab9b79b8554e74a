package dev.squadron.checkpoints.store;

/** The object store could not be asked, or could not answer; the same request may succeed later. */
public final class StoreUnreachable extends StoreException {
    private static final long serialVersionUID = 1;

    /** @param message names bucket and key, the fault and the remedy */
    public StoreUnreachable(String message, Throwable cause) {
        super(message, cause);
    }
}
