package dev.squadron.trainer.domain;

import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A run as its users see it: its last state and what its progress has told.
 *
 * @param run its name
 * @param dataset what it learns from
 * @param model the model whose head it trains
 * @param recipe how it learns
 * @param state where it stands
 * @param stage what it does now
 * @param progress how much of the stage is done, 0 to 1
 * @param epoch the epoch, from 1
 * @param step updates made
 * @param steps updates in all
 * @param loss of the last updates
 * @param learningRate of the last updates
 * @param gradientNorm L2 norm of the gradient of the last updates, before clipping
 * @param examplesPerSecond speed of the stage
 * @param tokensPerSecond likewise
 * @param secondsLeft estimate for the stage
 * @param epochs what each epoch gave
 * @param before metrics of the validation split under the head that training started from
 * @param after the same under the trained head
 * @param checkpoint the checkpoint written
 * @param message why it failed, or what the gate said
 * @param at last change
 * @param fold what it folds into a head in continuous mode; null for a run that somebody asked for
 */
public record RunView(
        String run,
        String dataset,
        String model,
        Recipe recipe,
        RunEvent.State state,
        Progress.Stage stage,
        double progress,
        Integer epoch,
        Long step,
        Long steps,
        Double loss,
        Double learningRate,
        Double gradientNorm,
        Double examplesPerSecond,
        Double tokensPerSecond,
        Double secondsLeft,
        List<Epoch> epochs,
        Map<String, Double> before,
        Map<String, Double> after,
        Checkpoint checkpoint,
        String message,
        Instant at,
        Fold fold) {

    /**
     * What an epoch gave.
     *
     * @param trainLoss mean loss a label position while it was learned
     * @param validationLoss mean loss a label position of the validation split at its end; null without one
     * @param exact exact match at its end, in percent; null where the recipe does not go by it
     * @param f1 likewise
     */
    public record Epoch(int epoch, Double trainLoss, Double validationLoss, Double exact, Double f1) {

        /** Returns the epochs with that of which {@code progress} tells; what was told of later ones is undone by it. */
        static List<Epoch> append(List<Epoch> epochs, Progress progress) {
            List<Epoch> all = new ArrayList<>(epochs);
            all.removeIf(known -> known.epoch() >= progress.epoch());
            Map<String, Double> metrics = progress.metrics();
            all.add(new Epoch(
                    progress.epoch(),
                    metrics.get("train_loss"),
                    metrics.get("validation_loss"),
                    metrics.get("exact"),
                    metrics.get("f1")));
            return List.copyOf(all);
        }
    }

    /**
     * A checkpoint.
     *
     * @param id its name
     * @param key its manifest in the bucket
     */
    public record Checkpoint(String id, String key) {}

    /** Returns the view of a run of which nothing but {@code event} is known. */
    public static RunView of(RunEvent event) {
        return new RunView(
                event.run(),
                event.dataset(),
                event.model(),
                event.recipe(),
                event.state(),
                Progress.Stage.WAITING,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                checkpoint(event),
                event.message(),
                event.at(),
                event.fold());
    }

    /** Returns this view after a change of state. */
    public RunView after(RunEvent event) {
        return new RunView(
                run,
                event.dataset(),
                event.model(),
                event.recipe(),
                event.state(),
                event.state() == RunEvent.State.SUCCEEDED ? Progress.Stage.DONE : stage,
                event.state() == RunEvent.State.SUCCEEDED ? 1 : progress,
                epoch,
                step,
                steps,
                loss,
                learningRate,
                gradientNorm,
                event.state().isFinal() ? null : examplesPerSecond,
                event.state().isFinal() ? null : tokensPerSecond,
                event.state().isFinal() ? null : secondsLeft,
                epochs,
                before,
                after,
                checkpoint(event),
                event.message(),
                event.at(),
                event.fold());
    }

    /** Returns this view after a step forward. */
    public RunView after(Progress next) {
        Map<String, Double> metrics = next.metrics();
        boolean baseline = next.stage() == Progress.Stage.BASELINE && metrics != null;
        boolean validated = next.stage() == Progress.Stage.VALIDATING && metrics != null;
        return new RunView(
                run,
                dataset,
                model,
                recipe,
                state,
                next.stage(),
                next.fraction(),
                last(next.epoch(), epoch),
                last(next.step(), step),
                last(next.steps(), steps),
                last(next.loss(), loss),
                last(next.learningRate(), learningRate),
                last(next.gradientNorm(), gradientNorm),
                next.examplesPerSecond(),
                next.tokensPerSecond(),
                next.secondsLeft(),
                next.stage() == Progress.Stage.TRAINING && metrics != null ? Epoch.append(epochs, next) : epochs,
                baseline ? metrics : before,
                validated ? metrics : after,
                checkpoint,
                message,
                next.at(),
                fold);
    }

    private static <T> T last(T told, T known) {
        return told == null ? known : told;
    }

    private static Checkpoint checkpoint(RunEvent event) {
        return event.checkpoint() == null
                ? null
                : new Checkpoint(event.checkpoint(), Manifest.key(event.model(), event.checkpoint()));
    }
}
