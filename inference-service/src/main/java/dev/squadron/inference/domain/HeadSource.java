package dev.squadron.inference.domain;

import dev.squadron.contracts.checkpoint.CheckpointRef;
import java.io.IOException;
import java.util.Optional;

/** Where heads come from. */
public interface HeadSource {

    /**
     * Loads, verifies and warms a head.
     *
     * @param checkpoint empty: the model's own head
     * @throws HeadRefused if it can never be used: corrupt, of another shape or of another model
     * @throws IOException if the store does not answer; it may later
     */
    ServedHead load(Optional<CheckpointRef> checkpoint) throws HeadRefused, IOException;
}
