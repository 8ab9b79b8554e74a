package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.manifest.CheckpointStore.LocalCheckpoint;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.trainer.domain.continuous.FoldExamples;
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
import dev.squadron.trainer.domain.learning.OptimizerSpecs;
import dev.squadron.trainer.domain.validation.Baseline;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Opens what runs learn from: features where the head is tuned, computed once and kept, else the examples themselves. */
public final class TrainingDataLoader {
    private final LoadedModel model;
    private final TokenBatchLog log;
    private final FeatureStore features;
    private final CheckpointStore checkpoints;
    private final Lanes lanes;
    private final Limits limits;
    private final TrainerObserver observer;
    private final Clock clock;

    public TrainingDataLoader(
            LoadedModel model,
            TokenBatchLog log,
            FeatureStore features,
            CheckpointStore checkpoints,
            Lanes lanes,
            Limits limits,
            TrainerObserver observer,
            Clock clock) {
        this.model = model;
        this.log = log;
        this.features = features;
        this.checkpoints = checkpoints;
        this.lanes = lanes;
        this.limits = limits;
        this.observer = observer;
        this.clock = clock;
    }

    /**
     * Opens what a run learns from.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from
     */
    TrainingData open(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        TrainingData data =
                switch (run.recipe().tune()) {
                    case HEAD -> overFeatures(run, cancellation, listener);
                    case LORA, LAST_N_BLOCKS, FULL -> overExamples(examples(run, cancellation, listener));
                };
        if (data.dataset().train().isEmpty()) {
            throw new IncompleteDataset("The data set " + data.dataset().name()
                    + " has no example in its training split; look into the dead letters, and ingest it again.");
        }
        return data;
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

    /**
     * Returns what a head answers to the validation split of a run, which is kept beside the features.
     *
     * @param checkpoint the head's; null: the model's own
     * @param rules how answers are generated
     */
    Baseline baseline(RunEvent run, Dataset dataset, String checkpoint, GenerationConfig rules) {
        return new Baseline(features, featureSet(run), checkpoint, dataset.validation(), rules);
    }

    private TrainingData overFeatures(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        FeatureData data = features(run, cancellation, listener);
        List<FeatureExample> examples = run.fold() == null ? data.train() : foldExamples(run, data, cancellation);
        Optional<LocalCheckpoint> parent =
                Optional.ofNullable(run.fold()).map(Fold::parent).map(checkpoints::read);
        return new TrainingData(
                data.dataset(),
                parent.map(LocalCheckpoint::manifest),
                (recipe, threads) -> new HeadLearner(
                        model.model(),
                        headTrainer(parent, recipe, threads),
                        recipe.accumulation().weighting(),
                        examples,
                        data.validation()));
    }

    /** Returns a trainer that begins with the parent's head, without one with the model's own. */
    private HeadTrainer headTrainer(Optional<LocalCheckpoint> parent, Recipe recipe, Threads threads) {
        Optional<Head> inherited = parent.map(checkpoint -> Head.read(checkpoint.head()));
        try {
            return new HeadTrainer(
                    model.model().config(),
                    inherited.orElseGet(model.model()::pretrainedHead),
                    OptimizerSpecs.of(recipe.optimizer()),
                    recipe.labelSmoothing(),
                    threads);
        } finally {
            inherited.ifPresent(Head::close);
        }
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

    private TrainingData overExamples(Dataset dataset) {
        return new TrainingData(
                dataset,
                Optional.empty(),
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

    private FeatureData features(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        FeatureLoading loading = loading(run, limits.replicaPatience());
        StageProgress progress = extracting(run, listener);
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
        StageProgress progress = extracting(run, listener);
        int partitions = reader.partitions();
        List<Part> parts = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            progress.examples(partition, partitions);
            parts.add(reader.read(run.dataset(), partition, true, cancellation, batch -> {}));
        }
        progress.done(null);
        return Dataset.of(run.dataset(), parts);
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

    private StageProgress extracting(RunEvent run, ProgressListener listener) {
        return new StageProgress(run.run(), Stage.EXTRACTING, listener, clock);
    }
}
