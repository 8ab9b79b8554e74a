package dev.squadron.contracts.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * How far a run is: what {@code squadron.progress.v1} carries. Fields that a stage does not have are null.
 *
 * @param run the run
 * @param stage what it does now
 * @param fraction how much of the stage is done, 0 to 1
 * @param epoch the epoch, from 1
 * @param step updates made
 * @param steps updates in all
 * @param loss mean training loss a label token, in nats, since the last event
 * @param learningRate rate of the last update
 * @param gradientNorm L2 norm of the last update's gradient before clipping, over everything that learns
 * @param examplesPerSecond speed of the stage
 * @param tokensPerSecond its speed in tokens without padding: of inputs and labels where the backbone runs, else of labels
 * @param secondsLeft estimate for the stage
 * @param metrics of the validation split: {@code validation_loss}, {@code exact}, {@code f1}; at the end of an epoch of
 *     training also {@code train_loss}
 * @param at when
 */
public record Progress(
        String run,
        Stage stage,
        double fraction,
        Integer epoch,
        Long step,
        Long steps,
        Double loss,
        Double learningRate,
        Double gradientNorm,
        Double examplesPerSecond,
        Double tokensPerSecond,
        Double secondsLeft,
        Map<String, Double> metrics,
        Instant at) {

    /** Returns the last step of a run: nothing of it is left to do. */
    public static Progress done(String run, Map<String, Double> metrics, Instant at) {
        return new Progress(run, Stage.DONE, 1, null, null, null, null, null, null, null, null, null, metrics, at);
    }

    /** What a run does, in this order. */
    public enum Stage {
        WAITING,
        EXTRACTING,
        BASELINE,
        TRAINING,
        VALIDATING,
        SAVING,
        DONE;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
