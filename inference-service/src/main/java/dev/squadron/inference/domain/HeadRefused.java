package dev.squadron.inference.domain;

/** A checkpoint that can never be used. The message says why and what to do. */
public class HeadRefused extends Exception {
    private static final long serialVersionUID = 1;

    public HeadRefused(String message) {
        super(message);
    }

    public HeadRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
