package dev.squadron.text.hub;

/** The hub did not give what was asked. The text names the repository, the reason and the remedy. */
public class HubException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HubException(String message) {
        super(message);
    }

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
