package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;

/** Is told all of a run, from what is known to its end; must not block. */
public interface RunFollower {
    /** The run's state, or a change of it. */
    void onRun(RunEvent event);

    /** A step forward. */
    void onProgress(Progress progress);

    /** The run has ended, and nothing follows. */
    void onEnd(RunView view);
}
