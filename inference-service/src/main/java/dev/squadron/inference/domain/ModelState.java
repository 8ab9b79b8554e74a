package dev.squadron.inference.domain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What serves, and what does not.
 *
 * @param model the model, as its users name it
 * @param checkpoint id of the checkpoint that answers; null: the model's own head
 * @param previous id of the checkpoint that a rollback goes back to; null: the model's own head
 * @param since when {@code checkpoint} began to answer
 * @param createdAt when the live checkpoint was announced; null for the model's own head
 * @param metrics of {@code checkpoint} on its validation split, as far as its event told
 * @param swaps how many times the head has changed since this instance started
 * @param pending id of a checkpoint that is live by the log and does not answer here yet, or was refused; null: none
 * @param refused the last checkpoints that could not be used, the newest first
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ModelState(
        String model,
        String checkpoint,
        String previous,
        Instant since,
        Instant createdAt,
        Map<String, Double> metrics,
        long swaps,
        String pending,
        List<Refusal> refused) {

    /**
     * A checkpoint that could not be used.
     *
     * @param checkpoint its id
     * @param reason what is wrong with it
     * @param at when it was tried
     */
    public record Refusal(String checkpoint, String reason, Instant at) {}
}
