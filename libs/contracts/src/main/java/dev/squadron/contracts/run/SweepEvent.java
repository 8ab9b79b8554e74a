package dev.squadron.contracts.run;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A search for the best recipe and how far it is; the last event of each is its truth.
 *
 * @param sweep its name
 * @param dataset what its trials learn from
 * @param model the model whose head they train
 * @param plan what is tried
 * @param state where it stands
 * @param trials what has been tried, by number; absent before the first
 * @param best number of the best trial so far
 * @param checkpoint the checkpoint of the best trial, once the sweep has succeeded
 * @param message why it failed
 * @param at when
 */
public record SweepEvent(
        String sweep,
        String dataset,
        String model,
        SweepPlan plan,
        RunEvent.State state,
        List<Trial> trials,
        Integer best,
        String checkpoint,
        String message,
        Instant at) {

    /**
     * One recipe on trial: the plan's with other values.
     *
     * @param number from 0
     * @param values what it tries, by dotted key
     * @param state where it stands
     * @param epochs how many it has gone through
     * @param metrics of the validation split under its head
     * @param run what progress messages, and the manifest of the best, call it
     * @param message why it failed
     */
    public record Trial(
            int number,
            Map<String, JsonNode> values,
            TrialState state,
            Integer epochs,
            Map<String, Double> metrics,
            String run,
            String message) {}

    /** Returns what progress messages call a trial; no run has such a name. */
    public String runOf(int trial) {
        return sweep + "/" + trial;
    }

    /** Returns the same sweep in another state. */
    public SweepEvent to(RunEvent.State next, String why, Instant when) {
        return new SweepEvent(sweep, dataset, model, plan, next, trials, best, checkpoint, why, when);
    }

    /** Returns the same sweep with other trials. */
    public SweepEvent with(List<Trial> next, Integer bestOfThem, Instant when) {
        return new SweepEvent(sweep, dataset, model, plan, state, next, bestOfThem, checkpoint, message, when);
    }

    /** Where a trial stands. */
    public enum TrialState {
        /** Before it begins, and where it has to wait for others before it goes on. */
        WAITING,
        RUNNING,
        /** Ended early, because others were better. */
        STOPPED,
        SUCCEEDED,
        FAILED;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
