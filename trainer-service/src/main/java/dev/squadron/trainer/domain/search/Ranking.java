package dev.squadron.trainer.domain.search;

import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import java.util.Comparator;
import java.util.List;

/** Orders trials, the best first: those that came to their end, then those that got further; among them by the metric. */
public final class Ranking {
    private Ranking() {}

    /** Returns the trials that have been measured, the best first; equal ones by number. */
    public static List<Trial> of(List<Trial> trials, Metric metric) {
        return trials.stream()
                .filter(trial -> trial.metrics() != null && trial.state() != TrialState.FAILED)
                .sorted(Comparator.comparing((Trial trial) -> trial.state() != TrialState.SUCCEEDED)
                        .thenComparing(Trial::epochs, Comparator.reverseOrder())
                        .thenComparing(byMetric(metric)))
                .toList();
    }

    /** Returns the order of trials of one rung, which have been measured, the best first. */
    static Comparator<Trial> byMetric(Metric metric) {
        return ((Comparator<Trial>)
                        (one, other) -> Double.compare(0, metric.gain(value(one, metric), value(other, metric))))
                .thenComparing(Trial::number);
    }

    private static double value(Trial trial, Metric metric) {
        return trial.metrics().get(metric.label());
    }
}
