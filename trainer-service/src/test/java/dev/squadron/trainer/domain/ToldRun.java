package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import java.time.Instant;
import java.util.Map;

/** What a run tells, made for tests. */
public final class ToldRun {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    private ToldRun() {}

    /** Returns the run in a state. */
    public static RunEvent event(RunEvent.State state) {
        return new RunEvent("told", "handbook", "squadlet", Recipe.tutorial(), state, null, null, AT);
    }

    /** Returns an update of training. */
    public static Progress step(long step, double loss) {
        return new Progress("told", Stage.TRAINING, 0.5, 1, step, 100L, loss, 3e-5, 1.25, 80.0, 400.0, 2.0, null, AT);
    }

    /** Returns the end of an epoch. */
    public static Progress epoch(int epoch, long step, double validationLoss) {
        Map<String, Double> metrics = Map.of("train_loss", 0.5, "validation_loss", validationLoss);
        return new Progress(
                "told", Stage.TRAINING, 0.5, epoch, step, 100L, 0.5, null, null, null, null, null, metrics, AT);
    }

    /** Returns the end of another stage. */
    public static Progress end(Stage stage, Map<String, Double> metrics) {
        return new Progress("told", stage, 1, null, null, null, null, null, null, null, null, null, metrics, AT);
    }
}
