package dev.squadron.seq2seq;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model's {@code config.json}. What it gives has been checked; what is wrong is a {@link ModelException} that names file and key.
 *
 * @param path where it lies
 * @param json what it says
 */
public record ConfigFile(Path path, JsonNode json) {

    /**
     * Reads a file.
     *
     * @throws ModelException where it is missing or broken
     */
    public static ConfigFile read(Path path) {
        try {
            return new ConfigFile(path, ContractJson.readTree(Files.readAllBytes(path)));
        } catch (InvalidMessage e) {
            throw new ModelException(path + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(path + " cannot be read: is " + path.getParent() + " a Hugging Face model?", e);
        }
    }

    /** Returns a text, or {@code otherwise} where there is none. */
    public String text(String key, String otherwise) {
        return json.path(key).asText(otherwise);
    }

    /** Returns a truth value, or {@code otherwise} where there is none. */
    public boolean flag(String key, boolean otherwise) {
        return json.path(key).asBoolean(otherwise);
    }

    /** Returns a number, or {@code otherwise} where there is none. */
    public float number(String key, float otherwise) {
        return (float) json.path(key).asDouble(otherwise);
    }

    /** Returns a size, 1 or more, that must be there. */
    public int size(String key) {
        JsonNode value = json.path(key);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > 1 << 24) {
            throw broken(key, "is " + (value.isMissingNode() ? "missing" : value) + "; it must be a positive number");
        }
        return value.intValue();
    }

    /** Returns a size, 1 or more, or {@code otherwise} where there is none. */
    public int size(String key, int otherwise) {
        return json.hasNonNull(key) ? size(key) : otherwise;
    }

    /** Returns the id of a token, or {@code otherwise} where there is none. */
    public int token(String key, int otherwise) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isInt() || value.intValue() < 0) {
            throw broken(key, "is " + value + "; it must be a token id");
        }
        return value.intValue();
    }

    /** Returns whether a key is there and its value is null. */
    public boolean isNull(String key) {
        return json.path(key).isNull();
    }

    /** Returns the error that a key has a value that cannot be used. */
    public ModelException broken(String key, String what) {
        return new ModelException(path + " cannot be used: " + key + " " + what + ".");
    }
}
