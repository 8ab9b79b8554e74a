package dev.squadron.contracts.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A number of the validation split that heads are compared by; its label is its name among the metrics. */
public enum Metric {
    /** Mean loss a label token, in nats. */
    VALIDATION_LOSS,
    /** SQuAD's exact match, 0 to 100. */
    EXACT,
    /** SQuAD's F1, 0 to 100. */
    F1;

    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns by how much {@code candidate} is better than {@code other}; negative: worse. */
    public double gain(double candidate, double other) {
        return this == VALIDATION_LOSS ? other - candidate : candidate - other;
    }
}
