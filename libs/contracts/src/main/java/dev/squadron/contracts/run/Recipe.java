package dev.squadron.contracts.run;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How a run learns. Whatever is left out is the classic tutorial's: the head alone, Adam 3e-5, batch 8, 3 epochs, a shuffle
 * buffer of 1000, constant learning rate.
 *
 * @param name what people call it
 * @param tune what learns
 * @param optimizer the update rule and its numbers
 * @param schedule how the learning rate changes
 * @param batchSize examples an update
 * @param epochs times that the training split is gone through
 * @param shuffleBuffer examples in the shuffle buffer, as in tf.data; 1 keeps the order
 * @param seed of every random choice
 * @param promote when the new head goes live
 */
public record Recipe(
        String name,
        Tune tune,
        Optimizer optimizer,
        Schedule schedule,
        Integer batchSize,
        Integer epochs,
        Integer shuffleBuffer,
        Long seed,
        Promote promote) {

    /** What learns. */
    public enum Tune {
        HEAD;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** When a new head goes live. */
    public enum Promote {
        ALWAYS,
        /** When its F1 on the validation split is not below that of the head it started from. */
        IF_BETTER,
        NEVER;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final ObjectReader READER =
            ContractJson.mapper().readerFor(Recipe.class).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    public Recipe {
        name = Objects.requireNonNullElse(name, "tutorial");
        tune = Objects.requireNonNullElse(tune, Tune.HEAD);
        optimizer = Objects.requireNonNullElseGet(optimizer, () -> new Optimizer(null, null, null, null, null, null));
        schedule = Objects.requireNonNullElseGet(schedule, () -> new Schedule(null, null));
        batchSize = Objects.requireNonNullElse(batchSize, 8);
        epochs = Objects.requireNonNullElse(epochs, 3);
        shuffleBuffer = Objects.requireNonNullElse(shuffleBuffer, 1000);
        seed = Objects.requireNonNullElse(seed, 0L);
        promote = Objects.requireNonNullElse(promote, Promote.ALWAYS);
        require(!name.isBlank() && name.length() <= 128, "name", name, "1 to 128 characters");
        require(batchSize >= 1 && batchSize <= 4096, "batch_size", batchSize, "from 1 to 4096");
        require(epochs >= 1 && epochs <= 1000, "epochs", epochs, "from 1 to 1000");
        require(shuffleBuffer >= 1, "shuffle_buffer", shuffleBuffer, "at least 1");
    }

    /** Returns the classic tutorial's recipe. */
    public static Recipe tutorial() {
        return new Recipe(null, null, null, null, null, null, null, null, null);
    }

    /**
     * Reads a recipe; what it leaves out is the tutorial's.
     *
     * @throws InvalidMessage {@code bad-recipe}, naming the field, its value and what is allowed, or those of {@link
     *     ContractJson#readTree}
     */
    public static Recipe read(byte[] utf8) throws InvalidMessage {
        return of(ContractJson.readTree(utf8));
    }

    /**
     * Reads a recipe from JSON that is already parsed.
     *
     * @throws InvalidMessage {@code bad-recipe}, naming the field, its value and what is allowed
     */
    public static Recipe of(JsonNode json) throws InvalidMessage {
        try {
            return READER.readValue(json);
        } catch (UnrecognizedPropertyException e) {
            throw new InvalidMessage(
                    "bad-recipe",
                    "The recipe has an unknown key “" + e.getPropertyName() + "”; known here: "
                            + e.getKnownPropertyIds().stream()
                                    .map(Object::toString)
                                    .sorted()
                                    .collect(joining(", "))
                            + ".");
        } catch (InvalidFormatException e) {
            throw new InvalidMessage("bad-recipe", "The recipe cannot be used: " + wrongValue(e));
        } catch (JsonProcessingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException ? e.getCause() : e;
            String message = cause == e ? e.getOriginalMessage() : cause.getMessage();
            throw new InvalidMessage("bad-recipe", "The recipe cannot be used: " + message);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("A JSON tree in memory could not be read", e);
        }
    }

    private static String wrongValue(InvalidFormatException e) {
        String field = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .collect(joining("."));
        Object[] allowed = e.getTargetType().getEnumConstants();
        String rule = allowed == null
                ? "of type " + e.getTargetType().getSimpleName().toLowerCase(Locale.ROOT)
                : "one of "
                        + Stream.of(allowed)
                                .map(value -> ((Enum<?>) value).name().toLowerCase(Locale.ROOT))
                                .collect(joining(", "));
        return field + " is “" + e.getValue() + "”; it must be " + rule + ".";
    }

    static void require(boolean holds, String key, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(key + " is " + value + "; it must be " + allowed + ".");
        }
    }
}
