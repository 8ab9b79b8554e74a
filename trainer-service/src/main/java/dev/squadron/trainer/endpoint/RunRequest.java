package dev.squadron.trainer.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

/**
 * Asks for a training run.
 *
 * @param run its name; left out: one is made
 * @param dataset what to learn from; it may still be on its way
 * @param model the model to train; left out: the one that the service has loaded
 * @param recipe how to learn: an object, whose preset or else the tutorial has what it leaves out, or the name of a preset
 */
public record RunRequest(
        @Size(max = 128, message = "may have 128 characters") @Pattern(regexp = Requests.NAME, message = Requests.NAME_RULE) String run,
        @NotBlank(message = "is missing; name a data set, for instance handbook") String dataset,
        String model,
        JsonNode recipe) {}
