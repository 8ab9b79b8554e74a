package dev.squadron.trainer.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

/**
 * Asks for a search for the best recipe.
 *
 * @param sweep its name; left out: one is made
 * @param dataset what to learn from, with a validation split; it may still be on its way
 * @param model the model to train; left out: the one that the service has loaded
 * @param plan what to try
 */
public record SweepRequest(
        @Size(max = 128, message = "may have 128 characters") @Pattern(regexp = Requests.NAME, message = Requests.NAME_RULE) String sweep,
        @NotBlank(message = "is missing; name a data set, for instance handbook") String dataset,
        String model,
        @NotNull(
                        message = "is missing; say what to try, for instance"
                                + " {\"space\": {\"optimizer.learning_rate\": [1e-4, 1e-3]}}")
                JsonNode plan) {}
