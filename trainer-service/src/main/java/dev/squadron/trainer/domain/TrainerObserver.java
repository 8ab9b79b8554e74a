package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;

/** Is told what this replica does, and nothing that another one does; for metrics. May be told by several threads at a time. */
public interface TrainerObserver {

    /** A run has ended, and this replica has told the log so. */
    void ended(RunEvent run);

    /** Likewise a sweep. */
    void ended(SweepEvent sweep);

    /** An update was made, from so many examples. */
    void updated(long examples);

    /** The features of so many examples were computed. */
    void computed(int examples);

    /** The features of so many examples were opened to learn from them, whoever has computed them and when. */
    void opened(int examples);
}
