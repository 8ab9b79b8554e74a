package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;

/**
 * How the learning rate changes. The warm-up, in which it rises from 0 to the optimiser's, is told in updates or as a share of the
 * run; the other is null.
 *
 * @param type the shape after warm-up
 * @param warmupSteps updates of the warm-up
 * @param warmupRatio the warm-up's share of all updates
 */
public record Schedule(Type type, Integer warmupSteps, Double warmupRatio) {

    /** The known shapes. */
    public enum Type {
        CONSTANT,
        /** Falls to 0 at the last update. */
        LINEAR,
        /** Falls to 0 at the last update, in half a cosine. */
        COSINE;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Schedule {
        type = Objects.requireNonNullElse(type, Type.CONSTANT);
        refuse(
                warmupSteps != null && warmupRatio != null,
                "warmup_steps",
                "is " + warmupSteps + " and warmup_ratio is " + warmupRatio + "; give one of them.");
        if (warmupRatio == null) {
            warmupSteps = Objects.requireNonNullElse(warmupSteps, 0);
            require(warmupSteps >= 0 && warmupSteps <= 10_000_000, "warmup_steps", warmupSteps, "from 0 to 10000000");
        } else {
            require(warmupRatio >= 0 && warmupRatio < 1, "warmup_ratio", warmupRatio, "at least 0, below 1");
        }
    }

    /** Returns the updates of the warm-up of a run of {@code steps} updates; a share is rounded up, as transformers does. */
    public long warmup(long steps) {
        return warmupRatio == null ? warmupSteps : (long) Math.ceil(warmupRatio * steps);
    }
}
