package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;

/** Is told how far a run is. */
@FunctionalInterface
public interface ProgressListener {
    void on(Progress progress);
}
