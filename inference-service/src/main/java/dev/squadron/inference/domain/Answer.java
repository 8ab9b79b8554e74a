package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;
import dev.squadron.text.prompt.ContextSpan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the model answers.
 *
 * @param choices as many answers as were asked for and found, at least one, best first where they are ranked
 * @param mode how they were searched
 * @param checkpoint id of the checkpoint that answered; null for the model's own head
 * @param truncated whether the model saw only the beginning of the passage
 * @param queued time between admission and the start of its batch
 * @param generated time that its batch took
 */
public record Answer(
        List<Choice> choices,
        Decoding.Mode mode,
        String checkpoint,
        boolean truncated,
        Duration queued,
        Duration generated) {

    /**
     * An answer among several.
     *
     * @param text what the model says, in the passage's own spelling where it stands there
     * @param score probability of the generated sequence, 0 to 1: among all tokens, with grounded search among those of the passage
     * @param span where the text stands in the passage; empty where it does not
     * @param finish how generation ended
     * @param tokens how many tokens were generated
     * @param steps decoding steps that the search took
     */
    public record Choice(String text, double score, Optional<ContextSpan> span, Finish finish, int tokens, int steps) {}

    /** How generation ended. */
    public enum Finish {
        /** The model ended the answer. */
        STOP,
        /** The limit of new tokens cut it. */
        LENGTH
    }

    /** Returns the first answer. */
    public Choice best() {
        return choices.get(0);
    }
}
