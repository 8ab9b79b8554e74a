package dev.squadron.trainer.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.trainer.domain.RunView.Checkpoint;
import dev.squadron.trainer.domain.RunView.Epoch;
import dev.squadron.trainer.domain.search.Ranking;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A sweep as its users see it: its last state and what the progress of its trials has told.
 *
 * @param sweep its name
 * @param dataset what its trials learn from
 * @param model the model whose head they train
 * @param plan what is tried
 * @param state where it stands
 * @param stage what it does now
 * @param progress how much of the stage is done, 0 to 1; in training the mean over the trials
 * @param trials by number; empty before the first
 * @param best number of the best trial so far
 * @param checkpoint that of the best trial, once the sweep has succeeded
 * @param message why it failed
 * @param at last change
 */
public record SweepView(
        String sweep,
        String dataset,
        String model,
        SweepPlan plan,
        State state,
        Stage stage,
        double progress,
        List<TrialView> trials,
        Integer best,
        Checkpoint checkpoint,
        String message,
        Instant at) {

    /**
     * A trial.
     *
     * @param number from 0
     * @param rank 1 for the best so far; null before it is measured, and where it failed
     * @param values what it tries, by dotted key
     * @param state where it stands
     * @param progress how much of its recipe is done, 0 to 1
     * @param epochs how many it has gone through when it was measured
     * @param metrics of the validation split under its head; with those that a run has for the best
     * @param curve what each epoch gave
     * @param message why it failed, or did not begin
     */
    public record TrialView(
            int number,
            Integer rank,
            Map<String, JsonNode> values,
            TrialState state,
            double progress,
            Integer epochs,
            Map<String, Double> metrics,
            List<Epoch> curve,
            String message) {

        private TrialView after(Progress next) {
            return new TrialView(
                    number,
                    rank,
                    values,
                    state,
                    next.fraction(),
                    epochs,
                    metrics,
                    next.metrics() == null ? curve : Epoch.append(curve, next),
                    message);
        }

        /** Returns whether it does not go on. */
        public boolean isOver() {
            return state != TrialState.WAITING && state != TrialState.RUNNING;
        }
    }

    /** Returns the view of a sweep of which nothing but {@code event} is known. */
    public static SweepView of(SweepEvent event) {
        return new SweepView(
                        event.sweep(),
                        event.dataset(),
                        event.model(),
                        event.plan(),
                        event.state(),
                        Stage.WAITING,
                        0,
                        List.of(),
                        null,
                        null,
                        null,
                        event.at())
                .after(event);
    }

    /** Returns this view after a change. */
    public SweepView after(SweepEvent event) {
        boolean done = event.state() == State.SUCCEEDED;
        return new SweepView(
                sweep,
                event.dataset(),
                event.model(),
                event.plan(),
                event.state(),
                done ? Stage.DONE : stage,
                done ? 1 : progress,
                event.trials() == null ? trials : views(event),
                event.best(),
                event.checkpoint() == null
                        ? null
                        : new Checkpoint(event.checkpoint(), Manifest.key(event.model(), event.checkpoint())),
                event.message(),
                event.at());
    }

    /** Returns this view after a step forward of one of its trials. */
    public SweepView after(Progress next) {
        int number = Integer.parseInt(next.run().substring(sweep.length() + 1));
        List<TrialView> told = new ArrayList<>(trials);
        if (next.stage() == Stage.TRAINING && number < told.size()) {
            told.set(number, told.get(number).after(next));
        }
        double mean = told.stream()
                .mapToDouble(trial -> trial.isOver() ? 1 : trial.progress())
                .average()
                .orElse(0);
        return new SweepView(
                sweep,
                dataset,
                model,
                plan,
                state,
                next.stage(),
                next.stage() == Stage.TRAINING ? mean : next.fraction(),
                List.copyOf(told),
                best,
                checkpoint,
                message,
                next.at());
    }

    private List<TrialView> views(SweepEvent event) {
        List<Integer> ranking = Ranking.of(event.trials(), event.plan().metric()).stream()
                .map(Trial::number)
                .toList();
        List<TrialView> views = new ArrayList<>();
        for (Trial trial : event.trials()) {
            TrialView before = trial.number() < trials.size() ? trials.get(trial.number()) : null;
            int place = ranking.indexOf(trial.number());
            views.add(new TrialView(
                    trial.number(),
                    place < 0 ? null : place + 1,
                    trial.values(),
                    trial.state(),
                    before == null ? 0 : before.progress(),
                    trial.epochs(),
                    trial.metrics(),
                    before == null ? List.of() : before.curve(),
                    trial.message()));
        }
        return List.copyOf(views);
    }
}
