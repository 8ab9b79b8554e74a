package dev.squadron.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON as all of Squadron's messages write it: snake case, no nulls, times in ISO 8601, keys of maps in order, so that
 * equal values give equal bytes. Reading forgives fields that it does not know; depth and
 * numbers have Jackson's bounds of 1,000.
 */
public final class ContractJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private ContractJson() {}

    /** Returns the mapper that all messages share; it is immutable to its users, who copy it to change it. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** Returns {@code message} as UTF-8 JSON. */
    public static byte[] write(Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write " + message + " as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a message.
     *
     * @throws InvalidMessage {@code not-utf8}, {@code not-json}, {@code duplicate-key} or {@code wrong-type}
     */
    public static <T> T read(byte[] utf8, Class<T> type) throws InvalidMessage {
        JsonNode tree = readTree(utf8);
        try {
            T message = MAPPER.treeToValue(tree, type);
            if (message == null) {
                throw new InvalidMessage("wrong-type", "The message is null; send a JSON object.");
            }
            return message;
        } catch (JsonProcessingException e) {
            throw new InvalidMessage("wrong-type", "The message is no " + type.getSimpleName() + ": " + brief(e) + ".");
        }
    }

    /**
     * Reads one JSON value.
     *
     * @throws InvalidMessage {@code not-utf8}, {@code not-json} or {@code duplicate-key}
     */
    public static JsonNode readTree(byte[] utf8) throws InvalidMessage {
        String text = decode(utf8);
        try {
            JsonNode tree = MAPPER.readTree(text);
            if (tree == null || tree.isMissingNode()) {
                throw new InvalidMessage("not-json", "The message is empty; send a JSON object.");
            }
            return tree;
        } catch (MismatchedInputException e) {
            throw new InvalidMessage(
                    e.getOriginalMessage().startsWith("Duplicate") ? "duplicate-key" : "not-json",
                    brief(e) + "; send each message as one JSON object with each key once.");
        } catch (JsonProcessingException e) {
            throw new InvalidMessage("not-json", "The message is not JSON: " + brief(e) + ".");
        }
    }

    /**
     * Returns the text of UTF-8.
     *
     * @throws InvalidMessage {@code not-utf8}
     */
    public static String decode(byte[] utf8) throws InvalidMessage {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidMessage("not-utf8", "The message is not valid UTF-8; encode it again.");
        }
    }

    private static String brief(JsonProcessingException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        String clipped = message.length() <= 200 ? message : message.substring(0, 200) + "…";
        return e.getLocation() == null
                ? clipped
                : clipped + " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }
}
