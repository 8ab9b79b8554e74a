package dev.squadron.inference.domain;

import java.time.Duration;
import java.util.Optional;

/**
 * An answer.
 *
 * @param text what the model says, in the passage's own spelling where it stands there
 * @param score probability of the generated sequence, 0 to 1
 * @param span where the text stands in the passage; empty where it does not
 * @param checkpoint id of the checkpoint that answered; null for the model's own head
 * @param finish how generation ended
 * @param tokens how many tokens were generated
 * @param truncated whether the model saw only the beginning of the passage
 * @param queued time between admission and the start of its batch
 * @param generated time that its batch took
 */
public record Answer(
        String text,
        double score,
        Optional<Span> span,
        String checkpoint,
        Finish finish,
        int tokens,
        boolean truncated,
        Duration queued,
        Duration generated) {

    /** How generation ended. */
    public enum Finish {
        /** The model ended the answer. */
        STOP,
        /** The limit of new tokens cut it. */
        LENGTH
    }
}
