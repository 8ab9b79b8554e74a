package dev.squadron.inference.endpoint;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

/**
 * Which checkpoint is to be live.
 *
 * @param checkpoint its id
 */
record PromotionForm(
        @NotNull(message = "is missing; give a checkpoint's id") @Pattern(regexp = "[0-9a-f]{16}", message = "must have 16 digits from 0 to 9 and a to f") String checkpoint) {}
