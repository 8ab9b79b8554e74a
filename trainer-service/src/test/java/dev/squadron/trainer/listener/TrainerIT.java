package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.checkpoints.features.FeatureSegment;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.manifest.CheckpointStore.LocalCheckpoint;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.local.LocalStack;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.Lanes;
import dev.squadron.trainer.domain.LoadedModel;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over a real broker and a real S3 server: the same head, bit for bit, whatever happens on the way. */
class TrainerIT {
    private static final Path HOME = Path.of(System.getProperty("squadron.home"));
    private static final int PARTITIONS = 3;
    private static final Messages MESSAGES = new Messages("/squadron/test", Clock.systemUTC());

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static KafkaClients clients;
    private static ObjectStore store;
    private static LoadedModel model;
    private static Lanes lanes;
    private static List<TokenExample> train;
    private static List<TokenExample> validation;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        clients = KafkaClients.of(Map.of("bootstrap.servers", stack.bootstrapServers()));
        Map<String, String> settings = stack.settings();
        store = ObjectStore.open(new StoreConfig(
                stack.storeEndpoint(),
                "us-east-1",
                settings.get("squadron.store.bucket"),
                settings.get("squadron.store.access-key"),
                settings.get("squadron.store.secret-key")));
        Path squadlet = HOME.resolve("models/squadlet");
        Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(squadlet);
        model = new LoadedModel(
                null,
                Seq2SeqModel.load(squadlet, new Threads(1, 2)),
                tokenizer,
                QaPrompt.classic(tokenizer),
                Map.of("config.json", squadlet.resolve("config.json")));
        lanes = new Lanes(2);
        train = examples("handbook-train.json", 36);
        validation = examples("handbook-validation.json", 8);
        write("whole", 4, false);
    }

    @AfterAll
    static void stop() {
        lanes.close();
        model.model().close();
        model.tokenizer().close();
        store.close();
        stack.close();
    }

    @Test
    void writesACheckpointThatSaysWhereItComesFrom() {
        Trainer.Outcome outcome = trainer("first").train(run("first", "whole"), new Cancellation(), step -> {});

        LocalCheckpoint checkpoint = new CheckpointStore(store, directory.resolve("reader")).read(outcome.checkpoint());
        assertThat(checkpoint.manifest().data().records())
                .containsEntry("train", 36L)
                .containsEntry("validation", 8L);
        assertThat(checkpoint.manifest().data().partitions()).hasSize(PARTITIONS);
        assertThat(checkpoint.manifest().base().sha256())
                .isEqualTo(model.model().sha256());
        assertThat(checkpoint.manifest().metrics())
                .containsKeys("baseline_exact", "baseline_f1", "exact", "f1", "train_loss", "validation_loss");
        assertThat(checkpoint.files()).containsKeys("lm_head.safetensors", "config.json");
        assertThat(outcome.metrics().get("train_loss")).isPositive();
    }

    @Test
    void givesTheSameHeadHoweverOftenItIsKilled() {
        String undisturbed = id("undisturbed", "whole");
        write("killed", 4, false);

        killIn(Progress.Stage.EXTRACTING, 1);
        killIn(Progress.Stage.EXTRACTING, 2);
        killIn(Progress.Stage.BASELINE, 1);
        killIn(Progress.Stage.TRAINING, 1);
        killIn(Progress.Stage.TRAINING, 2);
        killIn(Progress.Stage.TRAINING, 3);
        killIn(Progress.Stage.VALIDATING, 1);
        String resumed = id("killed", "killed");

        assertThat(resumed).isEqualTo(undisturbed);
    }

    /** Starts the run on a machine of its own, and stops it at the n-th event of a stage. */
    private static void killIn(Progress.Stage stage, int event) {
        Cancellation kill = new Cancellation();
        int[] seen = {0};
        assertThatThrownBy(() -> trainer("machine-" + stage + event).train(run("killed", "killed"), kill, step -> {
                    if (step.stage() == stage && ++seen[0] == event) {
                        kill.request();
                    }
                }))
                .isInstanceOf(Cancelled.class);
    }

    @Test
    void givesTheSameHeadHoweverTheBatchesWereCut() {
        write("other-cut", 7, true);

        assertThat(id("other-cut", "other-cut")).isEqualTo(id("one-cut", "whole"));
    }

    @Test
    void findsTheFeaturesOfADataSetUnderAnotherName() {
        String original = id("original", "whole");
        List<StoredObject> catalogue = catalogue();
        write("renamed", 5, true);

        assertThat(id("renamed", "renamed")).isEqualTo(original);
        assertThat(catalogue()).isEqualTo(catalogue);
    }

    @Test
    void computesACorruptShardAgain() {
        String before = id("intact", "whole");
        StoredObject shard = catalogue().get(0);
        store.put(shard.key(), "corrupt".getBytes(UTF_8));

        assertThat(id("corrupt", "whole")).isEqualTo(before);
        assertThat(new FeatureStore(store, directory.resolve("reader")).open(shard))
                .isNotNull();
    }

    @Test
    void findsFeaturesAndBaselineThatAreThere() {
        Trainer.Outcome before = trainer("here").train(run("before", "whole"), new Cancellation(), step -> {});
        List<StoredObject> catalogue = catalogue();
        List<Progress> told = new ArrayList<>();

        Trainer.Outcome after = trainer("elsewhere").train(run("after", "whole"), new Cancellation(), told::add);

        assertThat(told.stream().map(Progress::stage)).contains(Progress.Stage.SAVING);
        assertThat(catalogue()).isEqualTo(catalogue);
        assertThat(told.stream().filter(each -> each.stage() == Progress.Stage.BASELINE))
                .singleElement()
                .matches(each -> each.metrics().containsKey("validation_loss"));
        assertThat(after.metrics()).isEqualTo(before.metrics());
    }

    @Test
    void refusesADataSetThatLacksExamples() {
        seal("lacking", 5);

        assertThatThrownBy(() -> trainer("lacking").train(run("lacking", "lacking"), new Cancellation(), step -> {}))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("counts 5 examples and the log holds 0");
    }

    @Test
    void saysThatADataSetIsNotSealed() {
        assertThatThrownBy(() -> trainer("absent").train(run("absent", "absent"), new Cancellation(), step -> {}))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("is not sealed in partition 0")
                .hasMessageContaining("squadron ingest");
    }

    /** Returns all shards of features. */
    private static List<StoredObject> catalogue() {
        FeatureStore features = new FeatureStore(store, directory.resolve("looker-on"));
        FeatureSet set = new FeatureSet(
                "squadlet", model.model().sha256(), "fp32", model.prompt().preprocessing());
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> features.segment(set, partition))
                .flatMap(segment -> segment.entries().stream())
                .map(FeatureSegment.Entry::shard)
                .toList();
    }

    private static String id(String run, String dataset) {
        return trainer(run)
                .train(run(run, dataset), new Cancellation(), step -> {})
                .checkpoint()
                .id();
    }

    /** A trainer that has nothing on its disk. */
    private static Trainer trainer(String machine) {
        Path cache = directory.resolve("machines").resolve(machine);
        return new Trainer(
                model,
                new KafkaTokenBatchLog(clients),
                new FeatureStore(store, cache.resolve("features")),
                new RunStateStore(store, cache.resolve("states")),
                new CheckpointStore(store, cache.resolve("checkpoints")),
                lanes,
                new Trainer.Limits(8, 8, Duration.ofMillis(200), Duration.ofSeconds(5), cache),
                Clock.systemUTC());
    }

    private static RunEvent run(String name, String dataset) {
        Recipe recipe = new Recipe(null, null, null, null, 4, 2, null, 7L, null);
        return new RunEvent(name, dataset, "squadlet", recipe, RunEvent.State.RUNNING, null, null, Instant.now());
    }

    /** Writes the examples as the tokenizer would, in batches of one size or another, in one order or the other. */
    private static void write(String dataset, int batchSize, boolean backwards) {
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

    private static void seal(String dataset, Integer tokenized) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Long count = tokenized == null ? null : tokenized.longValue();
            send(dataset, partition, Headers.TYPE_SEAL, new Seal(dataset, partition, count, count, 0L).write());
        }
    }

    private static void send(String dataset, int partition, String type, byte[] value) {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer()) {
            producer.send(MESSAGES.of(Topics.TOKEN_BATCHES, partition, dataset, type, Messages.PROTOBUF, value))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static List<TokenExample> examples(String sample, int count) throws Exception {
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
}
