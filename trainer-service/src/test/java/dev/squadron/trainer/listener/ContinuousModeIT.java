package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.continuous.FoldPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New token batches of a stream become folds, one after the other, each judged by the gate; a restarted trainer goes on. */
class ContinuousModeIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static TrainerFixture fixture;
    private static TopicFollower follower;
    private static final Queue<CheckpointEvent> CHECKPOINTS = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        fixture = new TrainerFixture(stack.settings(), directory, TrainerFixture.DEMO_MODEL);
        fixture.write("old", 4, false);
        follower = TopicFollower.start(
                fixture.clients,
                Topics.CHECKPOINTS,
                message -> CHECKPOINTS.add(ContractJson.read(message.value(), CheckpointEvent.class)));
    }

    @AfterAll
    static void stop() {
        follower.close();
        fixture.close();
        stack.close();
    }

    @Test
    void foldsWhatComesRefusesWhatHurtsAndWaitsWhileNoHeadServes() throws Exception {
        PartitionRange right = fixture.append("feedback", 1, List.of(right("early")));
        try (Replica replica = new Replica("one")) {
            replica.log.request(new RunEvent(
                    "first",
                    "old",
                    "squadlet",
                    TrainerFixture.run("", "").recipe(),
                    State.REQUESTED,
                    null,
                    null,
                    Instant.now()));
            RunEvent fold = replica.awaitFold(1);
            assertThat(fold.fold().fresh()).containsExactly(right);
            assertThat(fold.fold().learned()).isEmpty();
            assertThat(fold.fold().parent().id())
                    .isEqualTo(replica.book.event("first").orElseThrow().checkpoint());
            assertThat(fold.fold().admitted()).as(fold.message()).isTrue();
            assertThat(last().type()).isEqualTo(CheckpointEvent.Type.PROMOTED);
            assertThat(last().live().id()).isEqualTo(fold.checkpoint());
        }

        try (Replica replica = new Replica("two")) {
            CheckpointEvent before = last();
            PartitionRange wrong = fixture.append("feedback", 0, wrong());
            RunEvent refused = replica.awaitFold(2);
            assertThat(refused.fold().fresh()).containsExactly(wrong);
            assertThat(refused.fold().learned()).containsExactly(right);
            assertThat(refused.fold().admitted()).isFalse();
            assertThat(refused.message()).contains("validation_loss is", "the gate allows");
            assertThat(last().type()).isEqualTo(CheckpointEvent.Type.REJECTED);
            assertThat(last().reason()).isEqualTo(refused.message());
            assertThat(last().live()).isEqualTo(before.live());

            fixture.append("feedback", 0, List.of(right("late")));
            RunEvent next = replica.awaitFold(3);
            assertThat(next.fold().learned()).containsExactly(right);
            assertThat(next.fold().parent()).isEqualTo(before.live());
            assertThat(next.fold().admitted()).as(next.message()).isTrue();

            CheckpointEvent head = last();
            CheckpointRef adapter = adapter();
            promote(adapter);
            Awaitility.await().atMost(LIMIT).until(() -> adapter.equals(replica.announcer.live("squadlet")));
            PartitionRange waiting = fixture.append("feedback", 2, List.of(right("waiting")));
            Awaitility.await().atMost(LIMIT).until(replica.continuous::isBlocked);
            promote(head.live());
            RunEvent late = replica.awaitFold(4);
            assertThat(late.fold().fresh()).containsExactly(waiting);
            assertThat(late.fold().parent()).isEqualTo(head.live());
        }
        assertThat(fixture.observed.runs).allMatch(run -> run.state() == State.SUCCEEDED);
        assertThat(fixture.observed.runs)
                .filteredOn(run -> run.fold() != null)
                .extracting(run -> run.fold().admitted())
                .containsExactly(true, false, true, true);
    }

    /** Writes a checkpoint as an import does that found an adapter. */
    private static CheckpointRef adapter() throws Exception {
        Path weights = Files.writeString(directory.resolve("adapter_model.safetensors"), "an adapter");
        return fixture.checkpoints("importer")
                .write(
                        "squadlet",
                        "adapter_model.safetensors",
                        Map.of("adapter_model.safetensors", weights),
                        objects -> new Manifest(
                                Manifest.VERSION,
                                objects.get(0).sha256().substring(0, 16),
                                Recipe.Tune.LORA.label(),
                                new Manifest.BaseModel(
                                        "squadlet", null, fixture.model.model().sha256()),
                                objects,
                                null,
                                null,
                                Map.of(),
                                null,
                                null,
                                Instant.now()));
    }

    private static void promote(CheckpointRef checkpoint) throws Exception {
        CheckpointRef previous = last().live();
        try (KafkaProducer<byte[], byte[]> producer = fixture.clients.producer(Patience.WORK)) {
            producer.send(RunLog.MESSAGES.json(
                            Topics.CHECKPOINTS,
                            "squadlet",
                            Headers.TYPE_CHECKPOINT,
                            new CheckpointEvent(
                                    CheckpointEvent.Type.PROMOTED,
                                    "squadlet",
                                    checkpoint,
                                    checkpoint,
                                    previous,
                                    Map.of(),
                                    null,
                                    Instant.now())))
                    .get();
        }
    }

    private static CheckpointEvent last() {
        return List.copyOf(CHECKPOINTS).get(CHECKPOINTS.size() - 1);
    }

    /** An example of the data set under another name: nothing is lost by learning it. */
    private static TokenExample right(String record) {
        return fixture.train.get(0).toBuilder()
                .setRecordId(record)
                .clearAnswers()
                .build();
    }

    /** Other questions, all with the answer to the first one. */
    private static List<TokenExample> wrong() {
        List<Integer> answer = fixture.train.get(0).getLabelIdsList();
        return IntStream.range(1, 31)
                .mapToObj(place -> fixture.train.get(place).toBuilder()
                        .setRecordId("wrong-" + place)
                        .clearLabelIds()
                        .addAllLabelIds(answer)
                        .clearAnswers()
                        .build())
                .toList();
    }

    /** A trainer that owns the runs. */
    private static final class Replica implements AutoCloseable {
        private final RunBook book = new RunBook();
        private final SweepBook sweepBook = new SweepBook();
        private final RunLog log = new RunLog(fixture.clients, book);
        private final SweepLog sweepLog = new SweepLog(fixture.clients, sweepBook, log);
        private final AugmentedForms forms = new AugmentedForms(fixture.clients);
        private final CheckpointAnnouncer announcer = new CheckpointAnnouncer(fixture.clients);
        private final ContinuousMode continuous;
        private final JobWorker worker;

        Replica(String machine) {
            FoldPlan plan = new FoldPlan(
                    "squadlet",
                    List.of("feedback"),
                    32,
                    Duration.ofSeconds(1),
                    Recipe.preset("continuous"),
                    0.75,
                    new Gate(Metric.VALIDATION_LOSS, 0.05));
            Trainer trainer = fixture.trainer(machine);
            continuous = new ContinuousMode(fixture.clients, book, announcer, fixture.checkpoints(machine), plan);
            worker = new JobWorker(
                    fixture.clients,
                    log,
                    sweepLog,
                    new Runs(book, log, trainer, forms, announcer, fixture.observed, Optional.empty()),
                    new Sweeps(
                            sweepBook,
                            sweepLog,
                            log,
                            new SweepTrainer(trainer, 2),
                            forms,
                            announcer,
                            fixture.observed,
                            Optional.empty()),
                    continuous);
            log.start();
            sweepLog.start();
            worker.start();
        }

        /** Waits until so many folds have ended, and returns the last one. */
        RunEvent awaitFold(int count) {
            List<RunEvent> folds = new ArrayList<>();
            Awaitility.await().atMost(LIMIT).until(() -> {
                folds.clear();
                book.events().stream()
                        .filter(run -> run.fold() != null && run.state().isFinal())
                        .forEach(folds::add);
                return folds.size() >= count && CHECKPOINTS.size() > count;
            });
            return folds.get(count - 1);
        }

        @Override
        public void close() {
            worker.stop();
            sweepLog.stop();
            log.stop();
            announcer.close();
            forms.close();
        }
    }
}
