package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import java.util.Objects;

/**
 * What a sweep may cost. The numbers of successive halving have the names of Li et al., 2020 ("A system for massively parallel
 * hyperparameter tuning"): r is {@code minEpochs}, R the recipe's epochs, η is {@code reduction}.
 *
 * @param seconds after which no further trial begins; null: no limit
 * @param minEpochs epochs of every trial before the first cut
 * @param reduction of this many trials one goes on
 */
public record Budget(Integer seconds, Integer minEpochs, Integer reduction) {
    public Budget {
        minEpochs = Objects.requireNonNullElse(minEpochs, 1);
        reduction = Objects.requireNonNullElse(reduction, 3);
        require(seconds == null || (seconds >= 1 && seconds <= 2_592_000), "seconds", seconds, "from 1 to 2592000");
        require(minEpochs >= 1 && minEpochs <= 1000, "min_epochs", minEpochs, "from 1 to 1000");
        require(reduction >= 2 && reduction <= 100, "reduction", reduction, "from 2 to 100");
    }
}
