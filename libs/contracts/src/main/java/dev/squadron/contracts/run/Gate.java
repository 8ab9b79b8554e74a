package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import java.util.Objects;

/**
 * What a candidate of continuous training must not lose against the live head to take its place.
 *
 * @param metric what both are measured by, on the same validation split
 * @param maxDrop how much worse the candidate may be, in the metric's unit
 */
public record Gate(Metric metric, Double maxDrop) {
    public Gate {
        metric = Objects.requireNonNullElse(metric, Metric.F1);
        maxDrop = Objects.requireNonNullElse(maxDrop, 0.5);
        require(maxDrop >= 0 && maxDrop <= 100, "max_drop", maxDrop, "from 0 to 100");
    }

    /** Returns whether a candidate may go live. */
    public boolean admits(double candidate, double live) {
        return metric.gain(candidate, live) >= -maxDrop;
    }
}
