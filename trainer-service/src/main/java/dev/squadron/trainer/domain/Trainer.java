package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.trainer.domain.continuous.Verdict;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.learning.Snapshots;
import dev.squadron.trainer.domain.validation.Answered;
import dev.squadron.trainer.domain.validation.Baseline;
import dev.squadron.trainer.domain.validation.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries a run from its request to its checkpoint: features, baseline, training, validation, checkpoint. Whatever it has done is
 * in the store; killed at any moment and started again, it goes on from there and ends with the same head, bit for bit.
 */
public final class Trainer {
    private static final int MAX_ANSWER_TOKENS = 64;

    private final TrainingDataLoader loader;
    private final RunStates states;
    private final CheckpointWriter writer;
    private final ReportWriter reports;
    private final RunBook book;
    private final Limits limits;
    private final Clock clock;
    private final GenerationConfig rules;
    private final Validation validation;
    private final Training training;

    /**
     * What a run has come to.
     *
     * @param checkpoint the checkpoint written
     * @param metrics as in the manifest
     */
    public record Outcome(CheckpointRef checkpoint, Map<String, Double> metrics) {

        /** Returns whether the head answers the validation split no worse than the one it started from. */
        public boolean isNoWorse() {
            return !metrics.containsKey("f1") || metrics.get("f1") >= metrics.get("baseline_f1");
        }
    }

    public Trainer(
            LoadedModel model,
            TrainingDataLoader loader,
            RunStateStore states,
            CheckpointStore checkpoints,
            RunReportStore reports,
            RunBook book,
            Lanes lanes,
            Limits limits,
            TrainerObserver observer,
            Clock clock) {
        this.loader = loader;
        this.states = new RunStates(states, limits.scratch());
        this.writer = new CheckpointWriter(model, checkpoints, limits.scratch(), clock);
        this.reports = new ReportWriter(model, reports, clock);
        this.book = book;
        this.limits = limits;
        this.clock = clock;
        this.rules = model.model().generationConfig().withMaxNewTokens(MAX_ANSWER_TOKENS);
        this.validation = new Validation(model.tokenizer(), rules, lanes, limits.validationBatchSize());
        this.training = new Training(this.states, validation, limits.stateInterval(), observer);
    }

    /** Returns what opens the data of this trainer's runs. */
    TrainingDataLoader loader() {
        return loader;
    }

    /**
     * Carries a run to its end.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from
     */
    public Outcome train(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        return train(run, loader.open(run, cancellation, listener), cancellation, listener);
    }

    /** Carries a run over open data from its last saved state to its checkpoint. */
    Outcome train(RunEvent run, TrainingData data, Cancellation cancellation, ProgressListener listener) {
        RunHistory history = new RunHistory(book.history(run.run()));
        ProgressListener recorded = progress -> {
            history.add(progress);
            listener.on(progress);
        };
        try (Learner learner = data.learner(run.recipe(), Threads.perCore())) {
            return train(run, history, data, learner, cancellation, recorded);
        }
    }

    private Outcome train(
            RunEvent run,
            RunHistory history,
            TrainingData data,
            Learner learner,
            Cancellation cancellation,
            ProgressListener listener) {
        Dataset dataset = data.dataset();
        Map<String, Double> metrics = new HashMap<>();
        Answered before = baseline(run, dataset, learner, cancellation, listener);
        before.metrics().forEach((name, value) -> metrics.put("baseline_" + name, value));
        if (run.fold() != null && !before.metrics().isEmpty()) {
            Gate gate = run.fold().gate();
            metrics.put(Verdict.anchor(gate), anchor(run, data).orElseGet(() -> before.metrics()
                    .get(gate.metric().label())));
        }
        metrics.put("train_loss", learn(run, dataset, learner, cancellation, listener));
        Answered after = validate(run, Stage.VALIDATING, dataset, learner, cancellation, listener);
        metrics.putAll(after.metrics());
        StageProgress saving = stage(run, Stage.SAVING, listener);
        saving.examples(0, 1);
        CheckpointWriter.Written checkpoint = writer.write(run, learner, dataset, metrics);
        loader.baseline(run, dataset, checkpoint.ref().id(), rules).keep(after);
        reports.write(run, history.all(), checkpoint.manifest(), dataset.validation(), before, after, learner);
        states.delete(run.run());
        saving.done(null);
        return new Outcome(checkpoint.ref(), Map.copyOf(metrics));
    }

    /** Returns what the head before the first fold scored, where the parent is of a fold that was measured in the same way. */
    private static Optional<Double> anchor(RunEvent run, TrainingData data) {
        return data.parent()
                .filter(manifest ->
                        manifest.fold() != null && manifest.data().dataset().equals(run.dataset()))
                .map(manifest ->
                        manifest.metrics().get(Verdict.anchor(run.fold().gate())));
    }

    /** Is told what a trial has come to. */
    @FunctionalInterface
    interface TrialListener {
        /**
         * A trial rests.
         *
         * @param epochs those it has gone through
         * @param metrics of the validation split under what would be its checkpoint
         * @param keep saves its state, so that it can go on, or become a checkpoint
         */
        void onRest(int epochs, Map<String, Double> metrics, Runnable keep);
    }

    /**
     * Trains a trial of a sweep, which is a run that may not come to its end, from its last saved state.
     *
     * @param epochs those to go through in all
     * @param metric what trials are ranked by
     */
    void attempt(
            RunEvent trial,
            TrainingData data,
            int epochs,
            Metric metric,
            Threads threads,
            Cancellation cancellation,
            ProgressListener listener,
            TrialListener trialListener) {
        try (Learner learner = data.learner(trial.recipe(), threads);
                ScratchFolder folder = new ScratchFolder(limits.scratch())) {
            Snapshots snapshots = new Snapshots(trial.recipe(), folder.path());
            Training.Rest rest = training.run(
                    trial,
                    data.dataset(),
                    learner,
                    snapshots,
                    epochs,
                    Training.Saving.SELDOM,
                    cancellation,
                    stage(trial, Stage.TRAINING, listener));
            states.hold(trial.run(), learner, snapshots, rest.position(), keep -> {
                snapshots.conclude(learner);
                trialListener.onRest(
                        rest.epochs(),
                        validation.measure(learner, data.dataset().validation(), metric, cancellation),
                        keep);
            });
        } catch (IOException e) {
            throw snapshotsCannotBeKept(trial, e);
        }
    }

    /** Forgets the saved states of a trial that does not go on. */
    void forget(RunEvent trial) {
        states.delete(trial.run());
    }

    /** Scores the head before it learns, once: the same questions and the same rules of generation give the same scores. */
    private Answered baseline(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        Baseline known = loader.baseline(
                run, dataset, run.fold() == null ? null : run.fold().parentId(), rules);
        return known.answered()
                .map(answered -> {
                    stage(run, Stage.BASELINE, listener).done(answered.metrics());
                    return answered;
                })
                .orElseGet(() -> {
                    Answered answered = validate(run, Stage.BASELINE, dataset, learner, cancellation, listener);
                    known.keep(answered);
                    return answered;
                });
    }

    private Answered validate(
            RunEvent run,
            Stage stage,
            Dataset dataset,
            Learner learner,
            Cancellation cancellation,
            ProgressListener listener) {
        int questions = dataset.validation().size();
        if (questions == 0) {
            return Answered.NOTHING;
        }
        StageProgress progress = stage(run, stage, listener);
        progress.examples(0, questions);
        List<String> answers = learner.evaluate((trained, head) -> validation.answer(
                dataset.validation(), trained, head, cancellation, answered -> progress.examples(answered, questions)));
        Map<String, Double> metrics = new HashMap<>(Validation.metrics(dataset.validation(), answers));
        metrics.put("validation_loss", learner.validationLoss());
        progress.done(metrics);
        return new Answered(answers, metrics);
    }

    /** Trains from the last saved state to the end; returns the mean training loss of the last epoch. */
    private double learn(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        try (ScratchFolder folder = new ScratchFolder(limits.scratch())) {
            Snapshots snapshots = new Snapshots(run.recipe(), folder.path());
            StageProgress progress = stage(run, Stage.TRAINING, listener);
            Training.Rest rest = training.run(
                    run,
                    dataset,
                    learner,
                    snapshots,
                    Integer.MAX_VALUE,
                    Training.Saving.EACH_EPOCH,
                    cancellation,
                    progress);
            snapshots.conclude(learner);
            progress.done(null);
            return rest.position().lastEpochLoss();
        } catch (IOException e) {
            throw snapshotsCannotBeKept(run, e);
        }
    }

    private static UncheckedIOException snapshotsCannotBeKept(RunEvent run, IOException cause) {
        return new UncheckedIOException(
                "The snapshots of run " + run.run() + " cannot be kept: " + cause.getMessage(), cause);
    }

    private StageProgress stage(RunEvent run, Stage stage, ProgressListener listener) {
        return new StageProgress(run.run(), stage, listener, clock);
    }
}
