package dev.squadron.trainer.domain;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.contracts.run.SweepPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a sweep tells, made for tests. */
public final class ToldSweep {
    /** The checkpoint of one that has succeeded. */
    public static final String CHECKPOINT = "0123456789abcdef";

    private ToldSweep() {}

    /** Returns the sweep in a state; it tries four learning rates and schedules. */
    public static SweepEvent event(State state, List<Trial> trials, Integer best) throws InvalidMessage {
        return event(
                """
                {trials: 4, space: {optimizer.learning_rate: {min: 1e-5, max: 1e-1, scale: log},
                                    schedule.type: [cosine, linear]}}
                """,
                state,
                trials,
                best);
    }

    /** Returns the sweep with a plan of its own. */
    public static SweepEvent event(String plan, State state, List<Trial> trials, Integer best) throws InvalidMessage {
        return new SweepEvent(
                "s",
                "d",
                "m",
                SweepPlan.read(plan.getBytes(UTF_8), "plan"),
                state,
                trials,
                best,
                state == State.SUCCEEDED ? CHECKPOINT : null,
                null,
                Instant.EPOCH);
    }

    /**
     * Returns a trial.
     *
     * @param epochs null before it is measured, like {@code metrics}
     * @param message null unless it failed
     */
    public static Trial trial(
            int number,
            double rate,
            String schedule,
            TrialState state,
            Integer epochs,
            Map<String, Double> metrics,
            String message) {
        return new Trial(
                number,
                Map.of("optimizer.learning_rate", new DoubleNode(rate), "schedule.type", new TextNode(schedule)),
                state,
                epochs,
                metrics,
                "s/" + number,
                message);
    }

    /** Returns what a trial has measured. */
    public static Map<String, Double> loss(double loss) {
        return Map.of("validation_loss", loss);
    }

    /** Returns the end of an epoch of a trial. */
    public static Progress epoch(int trial, int epoch, double loss) {
        return new Progress(
                "s/" + trial,
                Stage.TRAINING,
                epoch / 2.0,
                epoch,
                epoch * 10L,
                20L,
                3.0,
                null,
                null,
                null,
                null,
                null,
                Map.of("train_loss", 3.0, "validation_loss", loss),
                Instant.EPOCH);
    }
}
