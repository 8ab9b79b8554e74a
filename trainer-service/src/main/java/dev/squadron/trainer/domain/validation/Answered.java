package dev.squadron.trainer.domain.validation;

import java.util.List;
import java.util.Map;

/**
 * What a model answers to a validation split.
 *
 * @param answers one for each question, in the split's order
 * @param metrics {@code exact}, {@code f1} in percent, {@code validation_loss}; empty without questions
 */
public record Answered(List<String> answers, Map<String, Double> metrics) {
    /** Of a split without questions. */
    public static final Answered NOTHING = new Answered(List.of(), Map.of());
}
