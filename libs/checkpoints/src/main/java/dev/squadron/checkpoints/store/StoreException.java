package dev.squadron.checkpoints.store;

/** The object store did not do what it was asked. The text names bucket and key, and says what to do. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message names bucket and key, the fault and the remedy */
    public StoreException(String message) {
        super(message);
    }

    /** @param message names bucket and key, the fault and the remedy */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
