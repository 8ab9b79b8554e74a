package dev.squadron.ingest.domain;

/** A source cannot be read. The text names it, the reason and the remedy. */
public class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says what is wrong with a source. */
    public SourceException(String message) {
        super(message);
    }

    /** Says what is wrong with a source. */
    public SourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
