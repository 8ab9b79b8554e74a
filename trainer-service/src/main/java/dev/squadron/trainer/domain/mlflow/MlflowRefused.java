package dev.squadron.trainer.domain.mlflow;

/** The tracking server does not take what it was sent; sending it again would not help. */
public final class MlflowRefused extends Exception {
    private static final long serialVersionUID = 1;

    /** @param message names the request and says what the server says */
    public MlflowRefused(String message) {
        super(message);
    }

    /** @param message names the request and says what the server says */
    public MlflowRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
