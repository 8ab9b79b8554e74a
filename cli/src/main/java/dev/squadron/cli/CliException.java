package dev.squadron.cli;

/** A command cannot go on. The text is one paragraph for its user: what is wrong, and what to do. */
public class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says what is wrong, and what to do. */
    public CliException(String message) {
        super(message);
    }

    /** Says what is wrong, and what to do. */
    public CliException(String message, Throwable cause) {
        super(message, cause);
    }
}
