package dev.squadron.contracts.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;

/**
 * A training run and its state; the last event of each is its truth.
 *
 * @param run its name
 * @param dataset what it learns from
 * @param model the model whose head it trains
 * @param recipe how it learns
 * @param state where it stands
 * @param checkpoint the checkpoint that it wrote, once it has succeeded
 * @param message why it failed, or what the gate said
 * @param at when
 * @param fold what it folds into a head in continuous mode; null for a run that somebody asked for
 */
public record RunEvent(
        String run,
        String dataset,
        String model,
        Recipe recipe,
        State state,
        String checkpoint,
        String message,
        Instant at,
        Fold fold) {

    /** Makes a run that somebody asks for. */
    public RunEvent(
            String run,
            String dataset,
            String model,
            Recipe recipe,
            State state,
            String checkpoint,
            String message,
            Instant at) {
        this(run, dataset, model, recipe, state, checkpoint, message, at, null);
    }

    /** Where a run stands. */
    public enum State {
        REQUESTED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        /** Returns the name as messages write it, in lower case. */
        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Returns whether nothing follows. */
        public boolean isFinal() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED;
        }
    }

    /** Returns the run on the data set that holds its examples: its own, or the augmented form of it that the recipe asks for. */
    public RunEvent onItsExamples() {
        return recipe.augmentation() == null
                ? this
                : new RunEvent(
                        run,
                        recipe.augmentation().formOf(dataset, recipe.seed()),
                        model,
                        recipe,
                        state,
                        checkpoint,
                        message,
                        at,
                        fold);
    }

    /** Returns the same run in another state. */
    public RunEvent to(State next, String checkpointId, String why, Instant when) {
        return new RunEvent(run, dataset, model, recipe, next, checkpointId, why, when, fold);
    }

    /** Returns the same fold with what the gate said. */
    public RunEvent judged(Boolean admitted) {
        return new RunEvent(run, dataset, model, recipe, state, checkpoint, message, at, fold.judged(admitted));
    }
}
