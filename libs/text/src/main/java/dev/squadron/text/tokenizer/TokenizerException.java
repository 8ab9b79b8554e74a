package dev.squadron.text.tokenizer;

/** A tokenizer cannot be used. The text names the file and what in it is wrong, and says what to do. */
public class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }
}
