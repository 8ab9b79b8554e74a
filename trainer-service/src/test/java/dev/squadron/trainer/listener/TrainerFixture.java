package dev.squadron.trainer.listener;

import dev.squadron.checkpoints.features.FeatureSegment;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Lanes;
import dev.squadron.trainer.domain.Limits;
import dev.squadron.trainer.domain.LoadedModel;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.TrainingDataLoader;
import dev.squadron.trainer.domain.features.FeatureBackbones;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;

/** A model, and a broker and a store to train it with; it writes data sets as the tokenizer would. */
final class TrainerFixture implements AutoCloseable {
    static final Path HOME = Path.of(System.getProperty("squadron.home"));
    static final int PARTITIONS = 3;
    static final String MODEL = "flan-t5";
    static final Path SMALL_MODEL = HOME.resolve("samples/golden").resolve(MODEL);
    static final Path DEMO_MODEL = HOME.resolve("models/squadlet");
    private static final Messages MESSAGES = new Messages("/squadron/test", Clock.systemUTC());

    final KafkaClients clients;
    final ObjectStore store;
    final LoadedModel model;
    final List<TokenExample> train;
    final List<TokenExample> validation;
    final Observed observed = new Observed();
    private final Path directory;
    private final Lanes lanes = new Lanes(2);

    /**
     * Takes a small model of the golden suite, with random weights.
     *
     * @param settings of the stack
     * @param directory for what the trainers keep on disk
     */
    TrainerFixture(Map<String, String> settings, Path directory) throws Exception {
        this(settings, directory, SMALL_MODEL);
    }

    /** @param files of the model */
    TrainerFixture(Map<String, String> settings, Path directory, Path files) throws Exception {
        this.directory = directory;
        clients = KafkaClients.of(Map.of("bootstrap.servers", settings.get("kafka.bootstrap.servers")));
        store = ObjectStore.open(new StoreConfig(
                URI.create(settings.get("squadron.store.endpoint")),
                "us-east-1",
                settings.get("squadron.store.bucket"),
                settings.get("squadron.store.access-key"),
                settings.get("squadron.store.secret-key")));
        Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(files);
        Seq2SeqModel reference = Seq2SeqModel.load(files, new Threads(1, 2));
        model = new LoadedModel(
                files,
                null,
                reference,
                new FeatureBackbones(reference, files, Devices.cpu(), new Threads(1, 2)),
                tokenizer,
                QaPrompt.classic(tokenizer),
                Map.of("config.json", files.resolve("config.json")));
        train = examples("handbook-train.json", 36);
        validation = examples("handbook-validation.json", 8);
    }

    /** Trains and returns the id of the checkpoint. */
    String id(String run, String dataset) {
        return trainer(run)
                .train(run(run, dataset), new Cancellation(), step -> {})
                .checkpoint()
                .id();
    }

    /** Returns a trainer that has nothing on its disk and no other replicas beside it. */
    Trainer trainer(String machine) {
        return trainer(machine, Duration.ZERO);
    }

    /** Returns a trainer that has nothing on its disk and waits for other replicas. */
    Trainer trainer(String machine, Duration replicaPatience) {
        return trainer(machine, replicaPatience, new RunBook());
    }

    /** Returns a trainer that has nothing on its disk and knows what runs have told. */
    Trainer trainer(String machine, Duration replicaPatience, RunBook book) {
        Path cache = cache(machine);
        return new Trainer(
                model,
                loader(machine, replicaPatience),
                new RunStateStore(store, cache.resolve("states")),
                checkpoints(machine),
                new RunReportStore(store),
                book,
                lanes,
                limits(cache, replicaPatience),
                observed,
                Clock.systemUTC());
    }

    /** Returns what opens data where nothing is on the disk. */
    TrainingDataLoader loader(String machine, Duration replicaPatience) {
        Path cache = cache(machine);
        return new TrainingDataLoader(
                model,
                new KafkaTokenBatchLog(clients),
                new FeatureStore(store, cache.resolve("features")),
                checkpoints(machine),
                lanes,
                limits(cache, replicaPatience),
                observed,
                Clock.systemUTC());
    }

    /** Returns the checkpoints as a machine has them. */
    CheckpointStore checkpoints(String machine) {
        return new CheckpointStore(store, cache(machine).resolve("checkpoints"));
    }

    private Path cache(String machine) {
        return directory.resolve("machines").resolve(machine);
    }

    private static Limits limits(Path cache, Duration replicaPatience) {
        return new Limits(8, 8, Duration.ofMillis(200), Duration.ofSeconds(5), replicaPatience, Devices.cpu(), cache);
    }

    /** Returns a run with a recipe of its own. */
    static RunEvent run(String name, String dataset, String recipe) throws InvalidMessage {
        return new RunEvent(
                name,
                dataset,
                MODEL,
                Recipe.read(recipe.getBytes(StandardCharsets.UTF_8), "the recipe of " + name),
                RunEvent.State.RUNNING,
                null,
                null,
                Instant.now());
    }

    static RunEvent run(String name, String dataset) {
        try {
            Recipe recipe = Recipe.tutorial().with(Map.of("batch_size", 4, "epochs", 2, "seed", 7));
            return new RunEvent(name, dataset, MODEL, recipe, RunEvent.State.RUNNING, null, null, Instant.now());
        } catch (InvalidMessage e) {
            throw new AssertionError(e);
        }
    }

    /** Returns a sweep that has begun. */
    static SweepEvent sweep(String name, String dataset, String model, String plan) throws InvalidMessage {
        return new SweepEvent(
                name,
                dataset,
                model,
                SweepPlan.read(plan.getBytes(StandardCharsets.UTF_8), "the plan of " + name),
                RunEvent.State.RUNNING,
                null,
                null,
                null,
                null,
                Instant.now());
    }

    /** Returns all shards of features. */
    List<StoredObject> catalogue() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> features().segment(featureSet(), partition))
                .flatMap(segment -> segment.entries().stream())
                .map(FeatureSegment.Entry::shard)
                .toList();
    }

    /** Deletes all features. */
    void forgetFeatures() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (FeatureSegment.Entry entry :
                    features().segment(featureSet(), partition).entries()) {
                features().drop(featureSet(), partition, entry.shard());
            }
        }
    }

    private FeatureStore features() {
        return new FeatureStore(store, directory.resolve("looker-on"));
    }

    private FeatureSet featureSet() {
        return new FeatureSet(
                MODEL, model.model().sha256(), "fp32", model.prompt().preprocessing());
    }

    /** Writes the examples as the tokenizer would, in batches of one size or another, in one order or the other. */
    void write(String dataset, int batchSize, boolean backwards) {
        for (List<TokenExample> split : List.of(train, validation)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int current = partition;
                List<TokenExample> mine = new ArrayList<>(split.stream()
                        .filter(example -> example.getPartition() == current)
                        .toList());
                if (backwards) {
                    Collections.reverse(mine);
                }
                for (int from = 0; from < mine.size(); from += batchSize) {
                    send(
                            dataset,
                            partition,
                            Headers.TYPE_TOKEN_BATCH,
                            TokenBatch.newBuilder()
                                    .setDataset(dataset)
                                    .setSplit(split == train ? "train" : "validation")
                                    .setPreprocessing(model.prompt().preprocessing())
                                    .addAllExamples(mine.subList(from, Math.min(from + batchSize, mine.size())))
                                    .build()
                                    .toByteArray());
                }
            }
        }
        seal(dataset, null);
    }

    /** Writes new examples of an open data set, as one batch; returns where it stands. */
    PartitionRange append(String stream, int partition, List<TokenExample> examples) {
        TokenBatch batch = TokenBatch.newBuilder()
                .setDataset(stream)
                .setSplit("train")
                .setPreprocessing(model.prompt().preprocessing())
                .addAllExamples(examples)
                .build();
        long offset = send(stream, partition, Headers.TYPE_TOKEN_BATCH, batch.toByteArray());
        return new PartitionRange(partition, offset, offset + 1, examples.size());
    }

    /** Ends a data set. */
    void seal(String dataset, Integer tokenized) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Long count = tokenized == null ? null : tokenized.longValue();
            send(dataset, partition, Headers.TYPE_SEAL, new Seal(dataset, partition, count, count, 0L).write());
        }
    }

    private long send(String dataset, int partition, String type, byte[] value) {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            return producer.send(MESSAGES.of(Topics.TOKEN_BATCHES, partition, dataset, type, Messages.PROTOBUF, value))
                    .get()
                    .offset();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private List<TokenExample> examples(String sample, int count) throws Exception {
        List<TokenExample> examples = new ArrayList<>();
        try (SquadReader reader = new SquadReader(
                sample, Files.newInputStream(HOME.resolve("samples").resolve(sample)))) {
            while (examples.size() < count) {
                SquadQuestion question = reader.next();
                TokenExample.Builder example = TokenExample.newBuilder()
                        .setRecordId(question.id())
                        .setPartition(examples.size() % PARTITIONS)
                        .setOffset(examples.size())
                        .addAnswers(question.answers().get(0).text());
                Arrays.stream(model.prompt()
                                .input(question.question(), question.context())
                                .ids())
                        .forEach(example::addInputIds);
                Arrays.stream(model.prompt().labels(question.answers().get(0).text()))
                        .forEach(example::addLabelIds);
                examples.add(example.build());
            }
        }
        return examples;
    }

    @Override
    public void close() {
        lanes.close();
        model.close();
        store.close();
    }
}
