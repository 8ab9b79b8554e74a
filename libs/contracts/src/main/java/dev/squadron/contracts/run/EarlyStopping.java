package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import java.util.Objects;

/**
 * Ends a run that no longer gets better.
 *
 * @param metric what is looked at after each epoch; also what {@code keep: best} goes by
 * @param patience epochs without a gain before the run ends
 * @param minDelta smallest gain that counts, in the metric's unit
 */
public record EarlyStopping(Metric metric, Integer patience, Double minDelta) {
    public EarlyStopping {
        metric = Objects.requireNonNullElse(metric, Metric.VALIDATION_LOSS);
        patience = Objects.requireNonNullElse(patience, 1);
        minDelta = Objects.requireNonNullElse(minDelta, 0.0);
        require(patience >= 1 && patience <= 1000, "patience", patience, "from 1 to 1000");
        require(minDelta >= 0 && minDelta <= 100, "min_delta", minDelta, "from 0 to 100");
    }
}
