package dev.squadron.trainer.domain.search;

import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What the trials of a sweep have come to. Safe for several threads. */
public final class Scoreboard {
    private final Metric metric;
    private final List<Trial> trials = new ArrayList<>();
    private final Set<Integer> resting = new HashSet<>();
    private Rung rung;

    /** Goes on where a sweep stands. */
    public Scoreboard(SweepEvent sweep, List<Candidate> candidates) {
        metric = sweep.plan().metric();
        for (Candidate each : candidates) {
            if (sweep.trials() == null) {
                trials.add(new Trial(
                        each.number(),
                        each.values(),
                        TrialState.WAITING,
                        null,
                        null,
                        sweep.runOf(each.number()),
                        null));
            } else {
                Trial known = sweep.trials().get(each.number());
                trials.add(known.state() == TrialState.RUNNING ? with(known, TrialState.WAITING, null) : known);
            }
        }
    }

    /** Begins a rung and returns the trials that have yet to come to its end. */
    public synchronized List<Integer> begin(Rung next) {
        rung = next;
        resting.clear();
        List<Integer> left = new ArrayList<>();
        going().forEach(trial -> {
            if (trial.state() == TrialState.SUCCEEDED || (trial.metrics() != null && trial.epochs() >= next.epochs())) {
                resting.add(trial.number());
            } else {
                left.add(trial.number());
            }
        });
        return left;
    }

    /** A trial trains. */
    public synchronized void start(int number) {
        set(with(trials.get(number), TrialState.RUNNING, null));
    }

    /** Returns whether a trial has trained before. */
    public synchronized boolean hasBegun(int number) {
        return trials.get(number).epochs() != null;
    }

    /**
     * A trial has come to the end of the rung.
     *
     * @param last whether it ends there
     */
    public synchronized void rest(int number, int epochs, Map<String, Double> metrics, boolean last) {
        Trial before = trials.get(number);
        set(new Trial(
                number,
                before.values(),
                last ? TrialState.SUCCEEDED : TrialState.WAITING,
                epochs,
                metrics,
                before.run(),
                null));
        resting.add(number);
    }

    /** A trial cannot go on. */
    public synchronized void fail(int number, String why) {
        set(with(trials.get(number), TrialState.FAILED, why));
    }

    /** A trial does not go on. */
    public synchronized void stop(int number, String why) {
        set(with(trials.get(number), TrialState.STOPPED, why));
    }

    /** Returns the trials that would go on if no other came to the end of the rung. */
    public synchronized Set<Integer> ahead() {
        Set<Integer> ahead = new HashSet<>();
        trials.stream()
                .filter(trial -> resting.contains(trial.number()))
                .sorted(Ranking.byMetric(metric))
                .limit(rung.survivors())
                .forEach(trial -> ahead.add(trial.number()));
        return ahead;
    }

    /** Ends the rung: stops all trials but those ahead. */
    public synchronized void cut() {
        Set<Integer> ahead = ahead();
        going().stream()
                .filter(trial -> trial.state() == TrialState.WAITING && !ahead.contains(trial.number()))
                .forEach(trial -> set(with(trial, TrialState.STOPPED, null)));
    }

    /** A trial has become a checkpoint, of which more was measured. */
    public synchronized void measure(int number, Map<String, Double> metrics) {
        Trial trial = trials.get(number);
        set(new Trial(number, trial.values(), trial.state(), trial.epochs(), metrics, trial.run(), null));
    }

    /** Returns the best of the trials that came to their end. */
    public synchronized Optional<Trial> best() {
        return Ranking.of(trials, metric).stream()
                .filter(trial -> trial.state() == TrialState.SUCCEEDED)
                .findFirst();
    }

    /** Returns why the first of the failed trials failed. */
    public synchronized Optional<String> fault() {
        return trials.stream()
                .filter(trial -> trial.state() == TrialState.FAILED)
                .map(Trial::message)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** Returns all trials, by number. */
    public synchronized List<Trial> trials() {
        return List.copyOf(trials);
    }

    private List<Trial> going() {
        return trials.stream()
                .filter(trial -> trial.state() != TrialState.STOPPED && trial.state() != TrialState.FAILED)
                .toList();
    }

    private void set(Trial trial) {
        trials.set(trial.number(), trial);
    }

    private static Trial with(Trial trial, TrialState state, String message) {
        return new Trial(trial.number(), trial.values(), state, trial.epochs(), trial.metrics(), trial.run(), message);
    }
}
