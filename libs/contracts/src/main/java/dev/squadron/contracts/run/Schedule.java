package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Recipe.require;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;

/**
 * How the learning rate changes.
 *
 * @param type the shape after warm-up
 * @param warmupSteps updates in which the rate rises from 0 to the optimiser's
 */
public record Schedule(Type type, Integer warmupSteps) {

    /** The known shapes. */
    public enum Type {
        CONSTANT,
        /** Falls to 0 at the last update. */
        LINEAR;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Schedule {
        type = Objects.requireNonNullElse(type, Type.CONSTANT);
        warmupSteps = Objects.requireNonNullElse(warmupSteps, 0);
        require(warmupSteps >= 0, "schedule.warmup_steps", warmupSteps, "at least 0");
    }
}
