package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;

/**
 * Several mini-batches for one update.
 *
 * @param steps how many
 * @param weighting how their gradients are put together
 */
public record Accumulation(Integer steps, Weighting weighting) {

    /** How gradients are put together. */
    public enum Weighting {
        /** Every label token counts the same: the gradient of one large batch. */
        TOKENS,
        /** Every mini-batch counts the same: the mean of means that transformers' Trainer computes for T5. */
        MEANS;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Accumulation {
        steps = Objects.requireNonNullElse(steps, 1);
        weighting = Objects.requireNonNullElse(weighting, Weighting.TOKENS);
        require(steps >= 1 && steps <= 1024, "steps", steps, "from 1 to 1024");
    }
}
