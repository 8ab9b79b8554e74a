package dev.squadron.inference.domain;

import dev.squadron.contracts.checkpoint.CheckpointRef;
import java.util.Optional;

/**
 * A head that was loaded, verified and warmed.
 *
 * @param checkpoint where it came from; empty for the model's own head
 * @param reader the model with this head
 */
public record ServedHead(Optional<CheckpointRef> checkpoint, Reader reader) {

    /** Returns the checkpoint's id; null for the model's own head. */
    public String checkpointId() {
        return checkpoint.map(CheckpointRef::id).orElse(null);
    }
}
