package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.dataset.Dataset.Part;
import dev.squadron.trainer.domain.dataset.DatasetReader;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import dev.squadron.trainer.domain.dataset.TokenBatchLog;
import dev.squadron.trainer.domain.features.FeatureData;
import dev.squadron.trainer.domain.features.FeatureExtraction;
import dev.squadron.trainer.domain.features.FeatureLoading;
import dev.squadron.trainer.domain.learning.BackboneLearner;
import dev.squadron.trainer.domain.learning.BackboneSpecs;
import dev.squadron.trainer.domain.learning.HeadLearner;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.learning.OptimizerSpecs;
import dev.squadron.trainer.domain.learning.Snapshots;
import dev.squadron.trainer.domain.learning.TrainingLoop;
import dev.squadron.trainer.domain.learning.TrainingPosition;
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
import java.util.Set;
import java.util.function.LongConsumer;

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
    private final CheckpointWriter checkpoints;
    private final Lanes lanes;
    private final Limits limits;
    private final Clock clock;

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
            Lanes lanes,
            Limits limits,
            Clock clock) {
        this.model = model;
        this.log = log;
        this.features = features;
        this.states = new RunStates(states, limits.scratch());
        this.checkpoints = new CheckpointWriter(model, checkpoints, limits.scratch(), clock);
        this.lanes = lanes;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Carries a run to its end.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from
     */
    public Outcome train(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        return run.recipe().tune() == Tune.HEAD
                ? trainHead(run, cancellation, listener)
                : trainBackbone(run, cancellation, listener);
    }

    private Outcome trainHead(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        FeatureData data = features(run, cancellation, listener);
        requireExamples(data.dataset());
        HeadTrainer trainer = new HeadTrainer(
                model.model().config(),
                model.model().pretrainedHead(),
                OptimizerSpecs.of(run.recipe().optimizer()),
                run.recipe().labelSmoothing(),
                Threads.perCore());
        try (Learner learner = new HeadLearner(
                model.model(), trainer, run.recipe().accumulation().weighting(), data.train(), data.validation())) {
            return train(run, data.dataset(), learner, cancellation, listener);
        }
    }

    private Outcome trainBackbone(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        Dataset dataset = examples(run, cancellation, listener);
        requireExamples(dataset);
        BackboneTrainer trainer = BackboneTrainer.open(
                model.model().config(),
                WeightFiles.open(model.directory()),
                BackboneSpecs.of(run.recipe(), limits.devices()),
                Threads.perCore());
        try (Learner learner = new BackboneLearner(
                model,
                trainer,
                run.recipe().tune() == Tune.LORA,
                Threads.perCore(),
                dataset.train(),
                dataset.validation())) {
            return train(run, dataset, learner, cancellation, listener);
        }
    }

    private static void requireExamples(Dataset dataset) {
        if (dataset.train().isEmpty()) {
            throw new IncompleteDataset("The data set " + dataset.name()
                    + " has no example in its training split; look into the dead letters, and ingest it again.");
        }
    }

    private Outcome train(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        Map<String, Double> metrics = new HashMap<>();
        Map<String, Double> baseline = baseline(run, dataset, learner, cancellation, listener);
        baseline.forEach((name, value) -> metrics.put("baseline_" + name, value));
        metrics.put("train_loss", learn(run, dataset, learner, cancellation, listener));
        metrics.putAll(validate(run, Stage.VALIDATING, dataset, learner, cancellation, listener));
        StageProgress saving = stage(run, Stage.SAVING, listener);
        saving.examples(0, 1);
        CheckpointRef checkpoint = checkpoints.write(run, learner, dataset, metrics);
        states.delete(run.run());
        saving.done(null);
        return new Outcome(checkpoint, Map.copyOf(metrics));
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
        DatasetReader reader = reader();
        FeatureLoading loading = new FeatureLoading(
                extraction(run, reader), features, featureSet(run), reader, limits.replicaPatience());
        StageProgress progress = stage(run, Stage.EXTRACTING, listener);
        progress.examples(0, 1);
        FeatureData data = loading.load(run.dataset(), cancellation, progress::examples);
        progress.done(null);
        return data;
    }

    private DatasetReader reader() {
        return new DatasetReader(log, model.prompt().preprocessing(), limits.datasetTimeout());
    }

    private FeatureExtraction extraction(RunEvent run, DatasetReader reader) {
        return new FeatureExtraction(
                model.backbones().in(precision(run)), features, featureSet(run), reader, lanes, limits.shardExamples());
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

    /** Scores the model before it learns, once: the same questions and the same rules of generation give the same scores. */
    private Map<String, Double> baseline(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        Baseline known = new Baseline(features, featureSet(run), dataset.validation(), rules());
        return known.scores()
                .map(scores -> {
                    stage(run, Stage.BASELINE, listener).done(scores);
                    return scores;
                })
                .orElseGet(() -> {
                    Map<String, Double> scores =
                            validate(run, Stage.BASELINE, dataset, learner, cancellation, listener);
                    known.keep(scores);
                    return scores;
                });
    }

    private Map<String, Double> validate(
            RunEvent run,
            Stage stage,
            Dataset dataset,
            Learner learner,
            Cancellation cancellation,
            ProgressListener listener) {
        int questions = dataset.validation().size();
        if (questions == 0) {
            return Map.of();
        }
        StageProgress progress = stage(run, stage, listener);
        progress.examples(0, questions);
        Validation validation = new Validation(model.tokenizer(), rules(), lanes, limits.validationBatchSize());
        Map<String, Double> metrics = new HashMap<>(learner.evaluate((trained, head) -> validation.score(
                dataset.validation(),
                trained,
                head,
                cancellation,
                answered -> progress.examples(answered, questions))));
        metrics.put("validation_loss", learner.validationLoss());
        progress.done(metrics);
        return metrics;
    }

    /** Trains from the last saved state to the end; returns the mean training loss of the last epoch. */
    private double learn(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation, ProgressListener listener) {
        try (ScratchFolder folder = new ScratchFolder(limits.scratch())) {
            Snapshots snapshots = new Snapshots(run.recipe(), folder.path());
            return learn(run, dataset, learner, snapshots, cancellation, listener);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The snapshots of run " + run.run() + " cannot be kept: " + e.getMessage(), e);
        }
    }

    private double learn(
            RunEvent run,
            Dataset dataset,
            Learner learner,
            Snapshots snapshots,
            Cancellation cancellation,
            ProgressListener listener) {
        TrainingPosition start = states.restore(run.run(), learner, snapshots);
        TrainingLoop loop = new TrainingLoop(run.recipe(), learner, cancellation, limits.stateInterval());
        StageProgress progress = stage(run, Stage.TRAINING, listener);
        double[] lastLoss = {start.lastEpochLoss()};
        loop.run(start, new TrainingLoop.Listener() {
            @Override
            public void onStep(TrainingPosition position, int epoch, StepResult result, double learningRate) {
                progress.step(
                        epoch, position.step(), loop.steps(), loop.examples(), loop.tokens(), result, learningRate);
            }

            @Override
            public Map<String, Double> onEpoch(TrainingPosition position, int epoch, double trainLoss) {
                snapshots.onEpoch(epoch, learner);
                Map<String, Double> metrics = epochMetrics(run, dataset, learner, cancellation);
                Map<String, Double> told = new HashMap<>(metrics);
                told.put("train_loss", trainLoss);
                progress.epoch(epoch, position.step(), loop.steps(), told);
                lastLoss[0] = trainLoss;
                return metrics;
            }

            @Override
            public void onBest(int epoch) {
                snapshots.onBest(learner);
            }

            @Override
            public void onState(TrainingPosition position) {
                states.save(run.run(), learner, snapshots, position);
            }
        });
        snapshots.conclude(learner);
        progress.done(null);
        return lastLoss[0];
    }

    /** Returns the metrics at the end of an epoch; answers are generated only where the recipe goes by them. */
    private Map<String, Double> epochMetrics(
            RunEvent run, Dataset dataset, Learner learner, Cancellation cancellation) {
        if (dataset.validation().isEmpty()) {
            return Map.of();
        }
        Map<String, Double> metrics = new HashMap<>();
        metrics.put("validation_loss", learner.validationLoss());
        if (run.recipe().metric() != Metric.VALIDATION_LOSS) {
            metrics.putAll(score(dataset, learner, cancellation, answered -> {}));
        }
        return metrics;
    }

    private Map<String, Double> score(
            Dataset dataset, Learner learner, Cancellation cancellation, LongConsumer answered) {
        Validation validation = new Validation(model.tokenizer(), rules(), lanes, limits.validationBatchSize());
        return learner.evaluate(
                (trained, head) -> validation.score(dataset.validation(), trained, head, cancellation, answered));
    }

    private GenerationConfig rules() {
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
