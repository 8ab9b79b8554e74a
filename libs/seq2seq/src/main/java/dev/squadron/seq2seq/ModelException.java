package dev.squadron.seq2seq;

/** A model cannot be used. The text names the file and what in it is wrong, and says what to do. */
public class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message names the file, the rule and the remedy */
    public ModelException(String message) {
        super(message);
    }

    /** @param message names the file, the rule and the remedy */
    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
