package dev.squadron.trainer.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.checkpoints.features.FeatureLimits;
import dev.squadron.checkpoints.features.FeatureObserver;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.store.ConfiguredModel;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.trainer.domain.Lanes;
import dev.squadron.trainer.domain.Limits;
import dev.squadron.trainer.domain.LoadedModel;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.TrainingDataLoader;
import dev.squadron.trainer.domain.continuous.FoldPlan;
import dev.squadron.trainer.domain.dataset.TokenBatchLog;
import dev.squadron.trainer.domain.features.FeatureBackbones;
import dev.squadron.trainer.domain.mlflow.MlflowClient;
import dev.squadron.trainer.domain.mlflow.MlflowServer;
import dev.squadron.trainer.domain.mlflow.MlflowTracking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the trainer together from the settings. */
@ApplicationScoped
public class TrainerParts {
    private static final List<String> CONFIG_FILES = List.of("config.json", "generation_config.json");

    private static final int TRACKING_QUEUE = 10_000;
    private static final Duration TRACKING_INTERVAL = Duration.ofSeconds(1);

    @Produces
    @Singleton
    RunBook runBook() {
        return new RunBook();
    }

    @Produces
    @Singleton
    SweepBook sweepBook() {
        return new SweepBook();
    }

    @Produces
    @Singleton
    LoadedModel model(ConfiguredModel configured, TrainerSettings trainer) {
        ModelDirectory directory = configured.fetch(ModelDirectory.Need.WEIGHTS);
        Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(directory.path());
        Threads threads = new Threads(1, trainer.lanes());
        Devices devices = devices(trainer);
        Seq2SeqModel model = Seq2SeqModel.load(directory.path(), new Execution(Precision.FP32, devices, threads));
        return new LoadedModel(
                directory.path(),
                directory.revision().orElse(null),
                model,
                new FeatureBackbones(model, directory.path(), devices, threads),
                tokenizer,
                QaPrompt.classic(tokenizer),
                configFiles(directory.path()));
    }

    void close(@Disposes LoadedModel model) {
        model.close();
    }

    @Produces
    @Singleton
    Lanes lanes(TrainerSettings settings) {
        return new Lanes(settings.lanes());
    }

    void close(@Disposes Lanes lanes) {
        lanes.close();
    }

    @Produces
    @Singleton
    Limits limits(TrainerSettings settings) {
        return new Limits(
                settings.shardExamples(),
                settings.validationBatchSize(),
                settings.stateInterval(),
                settings.datasetTimeout(),
                settings.replicaPatience(),
                devices(settings),
                settings.cacheDirectory().resolve("scratch"));
    }

    @Produces
    @Singleton
    CheckpointStore checkpoints(ObjectStore store, TrainerSettings settings) {
        return new CheckpointStore(store, settings.cacheDirectory().resolve("checkpoints"));
    }

    @Produces
    @Singleton
    TrainingDataLoader loader(
            LoadedModel model,
            TokenBatchLog log,
            ObjectStore store,
            CheckpointStore checkpoints,
            Lanes lanes,
            Limits limits,
            TrainerObserver observer,
            FeatureObserver featureObserver,
            TrainerSettings settings) {
        TrainerSettings.Features features = settings.features();
        return new TrainingDataLoader(
                model,
                log,
                new FeatureStore(
                        store,
                        settings.cacheDirectory().resolve("features"),
                        new FeatureLimits(features.diskBytes(), features.bucketBytes(), features.grace()),
                        featureObserver,
                        Clock.systemUTC()),
                checkpoints,
                lanes,
                limits,
                observer,
                Clock.systemUTC());
    }

    @Produces
    @Singleton
    Trainer trainer(
            LoadedModel model,
            TrainingDataLoader loader,
            ObjectStore store,
            CheckpointStore checkpoints,
            RunBook book,
            Lanes lanes,
            Limits limits,
            TrainerObserver observer,
            TrainerSettings settings) {
        return new Trainer(
                model,
                loader,
                new RunStateStore(store, settings.cacheDirectory().resolve("states")),
                checkpoints,
                new RunReportStore(store),
                book,
                lanes,
                limits,
                observer,
                Clock.systemUTC());
    }

    @Produces
    @Singleton
    SweepTrainer sweepTrainer(Trainer trainer, TrainerSettings settings) {
        return new SweepTrainer(trainer, settings.lanes());
    }

    @Produces
    @Singleton
    Optional<MlflowTracking> tracking(RunBook runs, SweepBook sweeps, TrainerSettings settings) {
        TrainerSettings.Mlflow mlflow = settings.mlflow();
        return mlflow.trackingUri()
                .map(uri -> new MlflowServer(uri, mlflow.experiment(), mlflow.token()))
                .map(server ->
                        new MlflowTracking(runs, sweeps, new MlflowClient(server), TRACKING_QUEUE, TRACKING_INTERVAL));
    }

    void close(@Disposes Optional<MlflowTracking> tracking) {
        tracking.ifPresent(MlflowTracking::close);
    }

    @Produces
    @Singleton
    FoldPlan foldPlan(ModelSettings model, TrainerSettings settings) throws InvalidMessage {
        TrainerSettings.Continuous continuous = settings.continuous();
        return new FoldPlan(
                ModelDirectory.nameOf(model.name()),
                continuous.enabled() ? continuous.datasets() : List.of(),
                continuous.records(),
                continuous.after(),
                Recipe.read(continuous.recipe().getBytes(UTF_8), "SQUADRON_TRAINER_CONTINUOUS_RECIPE"),
                continuous.replay(),
                new Gate(continuous.gateMetric(), continuous.gateMaxDrop()));
    }

    private static Devices devices(TrainerSettings settings) {
        return Devices.parse(settings.devices(), true).orCpu(new Threads(1, settings.lanes()));
    }

    private static Map<String, Path> configFiles(Path directory) {
        Map<String, Path> files = new HashMap<>();
        for (String name : CONFIG_FILES) {
            if (Files.exists(directory.resolve(name))) {
                files.put(name, directory.resolve(name));
            }
        }
        return files;
    }
}
