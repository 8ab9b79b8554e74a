package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.features.PartitionFeatures;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.runstate.RunStateStore.SavedState;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.BaseModel;
import dev.squadron.contracts.checkpoint.Manifest.Data;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.contracts.run.Optimizer;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.training.HeadState;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.OptimizerSpec;
import dev.squadron.seq2seq.training.OptimizerSpec.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Carries a run from its request to its checkpoint: features, baseline, training, validation, checkpoint. Whatever it has done is
 * in the store; killed at any moment and started again, it goes on from there and ends with the same head, bit for bit.
 */
public final class Trainer {
    private static final int MAX_ANSWER_TOKENS = 64;

    private final LoadedModel model;
    private final TokenBatchLog log;
    private final FeatureStore features;
    private final RunStateStore states;
    private final CheckpointStore checkpoints;
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
     * @param scratch folder for files on their way
     */
    public record Limits(
            int shardExamples,
            int validationBatchSize,
            Duration stateInterval,
            Duration datasetTimeout,
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
        this.states = states;
        this.checkpoints = checkpoints;
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
        List<PartitionFeatures> partitions = extract(run, cancellation, listener);
        TrainingData data = open(run, partitions);
        if (data.train().isEmpty()) {
            throw new IncompleteDataset("The data set " + run.dataset()
                    + " has no example in its training split; look into the dead letters, and ingest it again.");
        }
        Map<String, Double> metrics = new HashMap<>();
        try (HeadTrainer trainer =
                new HeadTrainer(model.model().config(), model.model().pretrainedHead(), spec(run), Threads.perCore())) {
            HeadTraining training = new HeadTraining(
                    run.recipe(),
                    model.model().config().dModel(),
                    data.train(),
                    trainer,
                    cancellation,
                    limits.stateInterval());
            Map<String, Double> baseline = baseline(run, partitions, data, training, cancellation, listener);
            baseline.forEach((name, value) -> metrics.put("baseline_" + name, value));
            metrics.put("train_loss", learn(run, data, training, trainer, listener));
            try (Head head = trainer.head()) {
                metrics.putAll(validate(run, Stage.VALIDATING, data, training, head, cancellation, listener));
                StageProgress saving = stage(run, Stage.SAVING, listener);
                saving.examples(0, 1);
                CheckpointRef checkpoint = save(run, head, partitions, data, metrics);
                states.delete(run.run());
                saving.done(null);
                return new Outcome(checkpoint, Map.copyOf(metrics));
            }
        } catch (IOException e) {
            throw new IllegalStateException("A file of the run cannot be written: " + e.getMessage(), e);
        }
    }

    private List<PartitionFeatures> extract(RunEvent run, Cancellation cancellation, ProgressListener listener) {
        FeatureSet set = featureSet(run);
        FeatureExtraction extraction = new FeatureExtraction(
                model.model(), features, set, log, lanes, limits.shardExamples(), limits.datasetTimeout());
        StageProgress progress = stage(run, Stage.EXTRACTING, listener);
        progress.examples(0, 1);
        AtomicLong extracted = new AtomicLong();
        List<PartitionFeatures> partitions = new ArrayList<>();
        int count = log.partitions();
        for (int partition = 0; partition < count; partition++) {
            cancellation.check();
            int current = partition;
            partitions.add(extraction.extract(
                    partition,
                    cancellation,
                    examples -> progress.examples(
                            extracted.addAndGet(examples), Math.max(1, extracted.get() * count / (current + 1)))));
        }
        progress.done(null);
        return partitions;
    }

    /** Opens the features; a partition with a missing or corrupt shard is computed again. */
    private TrainingData open(RunEvent run, List<PartitionFeatures> partitions) {
        try {
            return TrainingData.open(features, partitions);
        } catch (StoreException e) {
            partitions.forEach(partition -> features.forget(featureSet(run), partition.partition()));
            throw new IncompleteDataset(e.getMessage()
                    + " The features of the data set have been dropped; ask for the run again to compute them anew.");
        }
    }

    /** Scores the pretrained head, once: the same features and the same rules of generation give the same scores. */
    private Map<String, Double> baseline(
            RunEvent run,
            List<PartitionFeatures> partitions,
            TrainingData data,
            HeadTraining training,
            Cancellation cancellation,
            ProgressListener listener) {
        Stream<String> shards = partitions.stream()
                .flatMap(partition -> partition.shards().stream())
                .map(StoredObject::sha256);
        String name = Sha256.of(Stream.concat(shards, Stream.of(rules().toString()))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8));
        Optional<Map<String, Double>> known = features.scores(featureSet(run), name);
        if (known.isPresent()) {
            stage(run, Stage.BASELINE, listener).done(known.get());
            return known.get();
        }
        Map<String, Double> scores =
                validate(run, Stage.BASELINE, data, training, model.model().pretrainedHead(), cancellation, listener);
        features.keepScores(featureSet(run), name, scores);
        return scores;
    }

    private Map<String, Double> validate(
            RunEvent run,
            Stage stage,
            TrainingData data,
            HeadTraining training,
            Head head,
            Cancellation cancellation,
            ProgressListener listener) {
        if (data.validation().isEmpty()) {
            return Map.of();
        }
        StageProgress progress = stage(run, stage, listener);
        progress.examples(0, data.questions().size());
        Validation validation =
                new Validation(model.model(), model.tokenizer(), rules(), lanes, limits.validationBatchSize());
        Map<String, Double> metrics = new HashMap<>(validation.score(
                data.questions(),
                head,
                cancellation,
                answered -> progress.examples(answered, data.questions().size())));
        metrics.put("validation_loss", training.loss(data.validation()));
        progress.done(metrics);
        return metrics;
    }

    /** Trains from the last saved state to the end; returns the mean training loss of the last epoch. */
    private double learn(
            RunEvent run, TrainingData data, HeadTraining training, HeadTrainer trainer, ProgressListener listener)
            throws IOException {
        TrainingPosition start = restore(run, trainer);
        StageProgress progress = stage(run, Stage.TRAINING, listener);
        double[] lastLoss = {start.lastEpochLoss()};
        training.run(start, new HeadTraining.Listener() {
            @Override
            public void onStep(TrainingPosition position, int epoch, double loss, double learningRate) {
                long examples = (position.step() - start.step()) * run.recipe().batchSize();
                progress.step(epoch, position.step(), training.steps(), examples, loss, learningRate);
            }

            @Override
            public void onEpoch(TrainingPosition position, int epoch, double trainLoss) {
                Map<String, Double> metrics = new HashMap<>();
                metrics.put("train_loss", trainLoss);
                if (!data.validation().isEmpty()) {
                    metrics.put("validation_loss", training.loss(data.validation()));
                }
                lastLoss[0] = trainLoss;
                progress.epoch(epoch, position.step(), training.steps(), metrics);
            }

            @Override
            public void onState(TrainingPosition position) {
                remember(run, trainer, position);
            }
        });
        progress.done(null);
        return lastLoss[0];
    }

    private TrainingPosition restore(RunEvent run, HeadTrainer trainer) throws IOException {
        Optional<SavedState> saved = states.latest(run.run());
        if (saved.isEmpty()) {
            return TrainingPosition.START;
        }
        try {
            trainer.restore(HeadState.read(saved.get().file()));
            return ContractJson.read(saved.get().position().getBytes(StandardCharsets.UTF_8), TrainingPosition.class);
        } catch (InvalidMessage e) {
            throw new IllegalStateException("The state of run " + run.run() + " is broken: " + e.getMessage(), e);
        }
    }

    private void remember(RunEvent run, HeadTrainer trainer, TrainingPosition position) {
        try {
            Path file = scratchFile();
            try {
                trainer.state().write(file);
                String where = new String(ContractJson.write(position), StandardCharsets.UTF_8);
                states.save(run.run(), position.step(), where, file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "The state of run " + run.run() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private CheckpointRef save(
            RunEvent run, Head head, List<PartitionFeatures> partitions, TrainingData data, Map<String, Double> metrics)
            throws IOException {
        Path file = scratchFile();
        try {
            head.write(file);
            String id = CheckpointStore.id(file);
            Map<String, Path> files = new HashMap<>(model.configFiles());
            files.put(CheckpointStore.HEAD, file);
            return checkpoints.write(
                    run.model(), files, objects -> manifest(run, id, objects, partitions, data, metrics));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Manifest manifest(
            RunEvent run,
            String id,
            List<StoredObject> objects,
            List<PartitionFeatures> partitions,
            TrainingData data,
            Map<String, Double> metrics) {
        List<PartitionRange> ranges = partitions.stream()
                .map(each -> new PartitionRange(each.partition(), 0, each.next(), each.examples()))
                .toList();
        return new Manifest(
                Manifest.VERSION,
                id,
                "head",
                new BaseModel(run.model(), model.revision(), model.model().sha256()),
                objects,
                run.recipe(),
                new Data(
                        run.dataset(),
                        Topics.TOKEN_BATCHES,
                        ranges,
                        Map.of(
                                "train", (long) data.train().size(),
                                "validation", (long) data.validation().size())),
                metrics,
                null,
                run.run(),
                clock.instant());
    }

    private GenerationConfig rules() {
        return model.model().generationConfig().withMaxNewTokens(MAX_ANSWER_TOKENS);
    }

    private FeatureSet featureSet(RunEvent run) {
        return new FeatureSet(
                run.model(),
                model.model().sha256(),
                run.dataset(),
                model.prompt().preprocessing());
    }

    private static OptimizerSpec spec(RunEvent run) {
        Optimizer optimizer = run.recipe().optimizer();
        return new OptimizerSpec(
                optimizer.type() == Optimizer.Type.ADAM ? Rule.ADAM_KERAS : Rule.ADAMW,
                optimizer.beta1().floatValue(),
                optimizer.beta2().floatValue(),
                optimizer.epsilon().floatValue(),
                optimizer.weightDecay().floatValue(),
                Float.POSITIVE_INFINITY);
    }

    private StageProgress stage(RunEvent run, Stage stage, ProgressListener listener) {
        return new StageProgress(run.run(), stage, listener, clock);
    }

    private Path scratchFile() throws IOException {
        Files.createDirectories(limits.scratch());
        return Files.createTempFile(limits.scratch(), "run", ".safetensors");
    }
}
