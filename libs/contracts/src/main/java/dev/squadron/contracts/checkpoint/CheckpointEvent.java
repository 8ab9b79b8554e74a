package dev.squadron.contracts.checkpoint;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * What happened to the checkpoints of a model. The topic is compacted by model, so each event also tells the whole state:
 * which checkpoint is live, and which one was before it.
 *
 * @param type what happened
 * @param model the model, as its users name it
 * @param checkpoint the checkpoint that it happened to
 * @param live what serves from now on; null: the model's own head
 * @param previous what served before; null: the model's own head
 * @param metrics of {@code checkpoint} on its validation split
 * @param reason why the gate refused {@code checkpoint}; null where it did not
 * @param at when
 */
public record CheckpointEvent(
        Type type,
        String model,
        CheckpointRef checkpoint,
        CheckpointRef live,
        CheckpointRef previous,
        Map<String, Double> metrics,
        String reason,
        Instant at) {

    /** What happened. */
    public enum Type {
        /** A checkpoint exists and does not serve. */
        CREATED,
        /** A checkpoint exists and serves. */
        PROMOTED,
        /** A checkpoint exists and does not serve, because the gate of continuous training refused it. */
        REJECTED,
        ROLLED_BACK;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
