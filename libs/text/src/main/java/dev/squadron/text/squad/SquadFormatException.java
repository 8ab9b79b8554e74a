package dev.squadron.text.squad;

/** A file is no SQuAD file. The text says where and why. */
public class SquadFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SquadFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
