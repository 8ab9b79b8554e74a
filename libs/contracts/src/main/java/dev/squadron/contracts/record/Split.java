package dev.squadron.contracts.record;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.stream.Stream;

/** What a record is for. */
public enum Split {
    TRAIN,
    VALIDATION;

    /** Returns the name as messages write it: {@code train}, {@code validation}. */
    @JsonValue
    public String label() {
        return this == TRAIN ? "train" : "validation";
    }

    /** Returns the split of that name, if there is one. */
    public static Optional<Split> of(String label) {
        return Stream.of(values()).filter(split -> split.label().equals(label)).findFirst();
    }
}
