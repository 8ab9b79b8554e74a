package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.manifest.CheckpointStore.LocalCheckpoint;
import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.trainer.domain.continuous.FoldExamples;
import dev.squadron.trainer.domain.continuous.Verdict;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.dataset.Dataset.Part;
import dev.squadron.trainer.domain.dataset.DatasetReader;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import dev.squadron.trainer.domain.dataset.TokenBatchLog;
import dev.squadron.trainer.domain.features.FeatureData;
import dev.squadron.trainer.domain.features.FeatureExample;
import dev.squadron.trainer.domain.features.FeatureExtraction;
import dev.squadron.trainer.domain.features.FeatureLoading;
import dev.squadron.trainer.domain.learning.BackboneLearner;
import dev.squadron.trainer.domain.learning.BackboneSpecs;
import dev.squadron.trainer.domain.learning.HeadLearner;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.learning.OptimizerSpecs;
import dev.squadron.trainer.domain.learning.Snapshots;
import dev.squadron.trainer.domain.validation.Answered;
import dev.squadron.trainer.domain.validation.Baseline;
import dev.squadron.trainer.domain.validation.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Carries a run from its request to its checkpoint: features, baseline, training, validation, checkpoint. Whatever it has done is
 * in the store; killed at any moment and started again, it goes on from there and ends with the same head, bit for bit.
 */
public final class Trainer {
    private static final int MAX_ANSWER_TOKENS = 64;

    private final LoadedModel model;
    private final TokenBatchLog log;
    private final FeatureStore features;
    private final RunStates states;
    private final CheckpointStore checkpoints;
    private final CheckpointWriter writer;
    private final ReportWriter reports;
    private final RunBook book;
    private final Lanes lanes;
    private final Limits limits;
    private final TrainerObserver observer;
    private final Clock clock;
    private final Validation validation;
    private final Training training;

    /**
     * Numbers of the trainer that change its speed and never its results.
     *
     * @param shardExamples examples of a feature shard
     * @param validationBatchSize questions of a batch when answers are generated
     * @param stateInterval how long training goes on before its state is saved
     * @param datasetTimeout how long the log may be silent before a data set counts as incomplete
     * @param replicaPatience how long features that other replicas compute are waited for while none come; zero: not at all
     * @param devices what more than the head is trained on
     * @param scratch folder for files on their way
     */
    public record Limits(
            int shardExamples,
            int validationBatchSize,
            Duration stateInterval,
            Duration datasetTimeout,
            Duration replicaPatience,
            Devices devices,
            Path scratch) {}

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
            TokenBatchLog log,
            FeatureStore features,
            RunStateStore states,
            CheckpointStore checkpoints,
            RunReportStore reports,
            RunBook book,
            Lanes lanes,
            Limits limits,
            TrainerObserver observer,
            Clock clock) {
        this.model = model;
        this.log = log;
        this.features = features;
        this.states = new RunStates(states, limits.scratch());
        this.checkpoints = checkpoints;
        this.writer = new CheckpointWriter(model, checkpoints, limits.scratch(), clock);
        this.reports = new ReportWriter(model, reports, clock);
        this.book = book;
        this.lanes = lanes;
        this.limits = limits;
        this.observer = observer;
        this.clock = clock;
        this.validation = new Validation(model.tokenizer(), rules(model), lanes, limits.validationBatchSize());
        this.training = new Training(this.states, validation, limits.stateInterval(), observer);
    }

    /**
     * Carries a run to its end.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from
     */
    public Outcome train(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        return train(run, open(run, cancellation, listener), cancellation, listener);
    }

    /** Opens what a run learns from: features for its head, else the examples themselves. */
    TrainingData open(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        TrainingData data =
                switch (run.recipe().tune()) {
                    case HEAD -> overFeatures(run, features(run, cancellation, listener), cancellation);
                    case LORA, LAST_N_BLOCKS, FULL -> overExamples(examples(run, cancellation, listener));
                };
        if (data.dataset().train().isEmpty()) {
            throw new IncompleteDataset("The data set " + data.dataset().name()
                    + " has no example in its training split; look into the dead letters, and ingest it again.");
        }
        return data;
    }

    private TrainingData overFeatures(RunEvent run, FeatureData data, Cancellation cancellation) {
        List<FeatureExample> examples = run.fold() == null ? data.train() : foldExamples(run, data, cancellation);
        return new TrainingData(
                data.dataset(),
                (recipe, threads) -> new HeadLearner(
                        model.model(),
                        headTrainer(run, recipe, threads),
                        recipe.accumulation().weighting(),
                        examples,
                        data.validation()));
    }

    /** Returns a trainer that begins with the model's own head, and in a fold with its parent. */
    private HeadTrainer headTrainer(RunEvent run, Recipe recipe, Threads threads) {
        Optional<Head> parent = parent(run).map(checkpoint -> Head.read(checkpoint.head()));
        try {
            return new HeadTrainer(
                    model.model().config(),
                    parent.orElseGet(model.model()::pretrainedHead),
                    OptimizerSpecs.of(recipe.optimizer()),
                    recipe.labelSmoothing(),
                    threads);
        } finally {
            parent.ifPresent(Head::close);
        }
    }

    private Optional<LocalCheckpoint> parent(RunEvent run) {
        return Optional.ofNullable(run.fold()).map(Fold::parent).map(checkpoints::read);
    }

    /** Returns what a fold learns from. */
    private List<FeatureExample> foldExamples(RunEvent run, FeatureData data, Cancellation cancellation) {
        Fold fold = run.fold();
        FeatureLoading loading = loading(run, Duration.ZERO);
        FeatureData fresh = loading.load(fold.streams(), fold.fresh(), cancellation);
        if (fresh.train().isEmpty()) {
            throw new IncompleteDataset(
                    "None of the new records of " + String.join(", ", fold.streams())
                            + " was tokenized for this model; start tokenizer-service with the same model, and send them again.");
        }
        FeatureData learned = loading.load(fold.streams(), fold.learned(), cancellation);
        return FoldExamples.choose(run.recipe(), fold.replay(), fresh, learned, data);
    }

    /** Returns what the head before the first fold scored, where the parent is of a fold that was measured in the same way. */
    private Optional<Double> anchor(RunEvent run) {
        return parent(run)
                .map(LocalCheckpoint::manifest)
                .filter(manifest ->
                        manifest.fold() != null && manifest.data().dataset().equals(run.dataset()))
                .map(manifest ->
                        manifest.metrics().get(Verdict.anchor(run.fold().gate())));
    }

    private TrainingData overExamples(Dataset dataset) {
        return new TrainingData(
                dataset,
                (recipe, threads) -> new BackboneLearner(
                        model,
                        BackboneTrainer.open(
                                model.model().config(),
                                WeightFiles.open(model.directory()),
                                BackboneSpecs.of(recipe, limits.devices()),
                                threads),
                        recipe.tune() == Tune.LORA,
                        threads,
                        dataset.train(),
                        dataset.validation()));
    }

    /** Carries a run over open data from its last saved state to its checkpoint. */
    Outcome train(RunEvent run, TrainingData data, Cancellation cancellation, ProgressListener listener) {
        RunHistory history = new RunHistory(book.history(run.run()));
        ProgressListener recorded = progress -> {
            history.add(progress);
            listener.on(progress);
        };
        try (Learner learner = data.learner(run.recipe(), Threads.perCore())) {
            return train(run, history, data.dataset(), learner, cancellation, recorded);
        }
    }

    private Outcome train(
            RunEvent run,
            RunHistory history,
            Dataset dataset,
            Learner learner,
            Cancellation cancellation,
            ProgressListener listener) {
        Map<String, Double> metrics = new HashMap<>();
        Answered before = baseline(run, dataset, learner, cancellation, listener);
        before.metrics().forEach((name, value) -> metrics.put("baseline_" + name, value));
        if (run.fold() != null && !before.metrics().isEmpty()) {
            Gate gate = run.fold().gate();
            metrics.put(Verdict.anchor(gate), anchor(run).orElseGet(() -> before.metrics()
                    .get(gate.metric().label())));
        }
        metrics.put("train_loss", learn(run, dataset, learner, cancellation, listener));
        Answered after = validate(run, Stage.VALIDATING, dataset, learner, cancellation, listener);
        metrics.putAll(after.metrics());
        StageProgress saving = stage(run, Stage.SAVING, listener);
        saving.examples(0, 1);
        CheckpointWriter.Written checkpoint = writer.write(run, learner, dataset, metrics);
        answers(run, dataset, checkpoint.ref().id()).keep(after);
        reports.write(run, history.all(), checkpoint.manifest(), dataset.validation(), before, after, learner);
        states.delete(run.run());
        saving.done(null);
        return new Outcome(checkpoint.ref(), Map.copyOf(metrics));
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

    /**
     * Computes the features of some partitions of a run's data set, where another replica may carry out the run.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from
     */
    public void extract(RunEvent run, Set<Integer> partitions, Cancellation cancellation) {
        FeatureExtraction extraction = extraction(run, reader());
        FeatureIndex index = extraction.index();
        partitions.stream()
                .sorted()
                .forEach(partition -> extraction.extract(run.dataset(), partition, index, cancellation, more -> {}));
    }

    private FeatureData features(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        FeatureLoading loading = loading(run, limits.replicaPatience());
        StageProgress progress = stage(run, Stage.EXTRACTING, listener);
        progress.examples(0, 1);
        FeatureData data = loading.load(run.dataset(), cancellation, progress::examples);
        progress.done(null);
        return data;
    }

    private FeatureLoading loading(RunEvent run, Duration replicaPatience) {
        DatasetReader reader = reader();
        return new FeatureLoading(
                extraction(run, reader), features, featureSet(run), reader, replicaPatience, observer);
    }

    private DatasetReader reader() {
        return new DatasetReader(log, model.prompt().preprocessing(), limits.datasetTimeout());
    }

    private FeatureExtraction extraction(RunEvent run, DatasetReader reader) {
        return new FeatureExtraction(
                model.backbones().in(precision(run)),
                features,
                featureSet(run),
                reader,
                lanes,
                limits.shardExamples(),
                observer);
    }

    /** Reads the data set with its inputs, for what runs the model itself. */
    private Dataset examples(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        DatasetReader reader = reader();
        StageProgress progress = stage(run, Stage.EXTRACTING, listener);
        int partitions = reader.partitions();
        List<Part> parts = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            progress.examples(partition, partitions);
            parts.add(reader.read(run.dataset(), partition, true, cancellation, batch -> {}));
        }
        progress.done(null);
        return Dataset.of(run.dataset(), parts);
    }

    /** Scores the head before it learns, once: the same questions and the same rules of generation give the same scores. */
    private Answered baseline(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        Baseline known =
                answers(run, dataset, run.fold() == null ? null : run.fold().parentId());
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

    private Baseline answers(RunEvent run, Dataset dataset, String checkpoint) {
        return new Baseline(features, featureSet(run), checkpoint, dataset.validation(), rules(model));
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

    private static GenerationConfig rules(LoadedModel model) {
        return model.model().generationConfig().withMaxNewTokens(MAX_ANSWER_TOKENS);
    }

    private FeatureSet featureSet(RunEvent run) {
        return new FeatureSet(
                run.model(),
                model.model().sha256(),
                precision(run).label(),
                model.prompt().preprocessing());
    }

    private static Precision precision(RunEvent run) {
        return BackboneSpecs.precision(run.recipe());
    }

    private StageProgress stage(RunEvent run, Stage stage, ProgressListener listener) {
        return new StageProgress(run.run(), stage, listener, clock);
    }
}
