package dev.squadron.trainer.domain.mlflow;

import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.domain.RunView.Checkpoint;
import dev.squadron.trainer.domain.SweepView;
import dev.squadron.trainer.domain.SweepView.TrialView;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a run of MLflow ends.
 *
 * @param status by MLflow's names
 * @param at when
 * @param tags what it has come to
 */
record MlflowEnd(Status status, Instant at, Map<String, String> tags) {

    /** MLflow's names of ends. */
    enum Status {
        FINISHED,
        FAILED,
        KILLED;

        private static Status of(State state) {
            return switch (state) {
                case SUCCEEDED -> FINISHED;
                case FAILED -> FAILED;
                case CANCELLED -> KILLED;
                case REQUESTED, RUNNING -> throw new IllegalArgumentException("What is " + state + " has no end");
            };
        }

        private static Status of(TrialView trial) {
            return switch (trial.state()) {
                case SUCCEEDED -> FINISHED;
                case FAILED -> FAILED;
                case STOPPED, WAITING, RUNNING -> KILLED;
            };
        }
    }

    /** Returns the end of a run. */
    static MlflowEnd of(RunView run) {
        return new MlflowEnd(
                Status.of(run.state()), run.at(), tags(run.state().label(), run.checkpoint(), run.message()));
    }

    /** Returns the end of a sweep. */
    static MlflowEnd of(SweepView sweep) {
        Map<String, String> tags = tags(sweep.state().label(), sweep.checkpoint(), sweep.message());
        if (sweep.best() != null) {
            tags.put("squadron.best", sweep.best().toString());
        }
        return new MlflowEnd(Status.of(sweep.state()), sweep.at(), tags);
    }

    /** Returns the end of a trial: its own, or that of its sweep where that came first. */
    static MlflowEnd of(TrialView trial, SweepView sweep) {
        String state = trial.isOver() ? trial.state().label() : sweep.state().label();
        return new MlflowEnd(Status.of(trial), sweep.at(), tags(state, null, trial.message()));
    }

    private static Map<String, String> tags(String state, Checkpoint checkpoint, String message) {
        Map<String, String> tags = new TreeMap<>(Map.of("squadron.state", state));
        if (checkpoint != null) {
            tags.put("squadron.checkpoint", checkpoint.id());
            tags.put("squadron.manifest", checkpoint.key());
        }
        if (message != null) {
            tags.put("squadron.message", message);
        }
        return tags;
    }
}
