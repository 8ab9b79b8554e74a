package dev.squadron.contracts.safetensors;

/** A file is no valid safetensors file. The text names the file, the tensor where there is one, the rule and the remedy. */
public class SafetensorsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SafetensorsException(String message) {
        super(message);
    }
}
