package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.dataset.DatasetEvent.State;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose recipe augments get their data set from ingest, by events over a real broker. */
class AugmentedFormsIT {
    private static final List<Source> SOURCES = List.of(new Source("upload:ab", "squad", "ab", "train", null));

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static KafkaClients clients;
    private static KafkaProducer<byte[], byte[]> events;
    private static KafkaProducer<byte[], byte[]> producer;
    private static AugmentedForms forms;

    @BeforeAll
    static void start() {
        stack = LocalStack.start(directory);
        clients = KafkaClients.of(Map.of("bootstrap.servers", stack.bootstrapServers()));
        events = clients.producer(Patience.WORK);
        producer = clients.transactionalProducer("forms-it", Patience.WORK);
        forms = new AugmentedForms(clients);
    }

    @AfterAll
    static void stop() {
        forms.close();
        producer.close();
        events.close();
        stack.close();
    }

    @Test
    void opensTheFormOnceAndWaitsUntilItIsSealed() throws Exception {
        publish(ended("handbook", SOURCES, State.SEALED, null));
        RunEvent run = TrainerFixture.run("r", "handbook", "seed: 7\naugmentation: {mix: 1, paraphrase: rules}");
        DatasetEvent[] opened = new DatasetEvent[1];
        int[] openings = {0};
        try (TopicFollower ingest = TopicFollower.start(clients, Topics.DATASETS, message -> {
            DatasetEvent event = ContractJson.read(message.value(), DatasetEvent.class);
            if (event.dataset().startsWith("handbook.aug-") && event.state() == State.INGESTING) {
                opened[0] = event;
                openings[0]++;
                publish(ended(event.dataset(), event.sources(), State.SEALED, null));
            }
        })) {
            assertThat(ingest.caughtUp()).isNotNull();
            forms.await(run, producer, new Cancellation());
            forms.await(run, producer, new Cancellation());
        }

        assertThat(run.onItsExamples().dataset()).isEqualTo(opened[0].dataset());
        assertThat(opened[0].sources()).isEqualTo(SOURCES);
        assertThat(opened[0].seed()).isEqualTo(7);
        assertThat(opened[0].augmentation()).isEqualTo(run.recipe().augmentation());
        assertThat(openings[0]).isEqualTo(1);
    }

    @Test
    void aRecipeWithoutAugmentationTrainsOnTheDataSetItself() throws Exception {
        RunEvent run = TrainerFixture.run("r", "nowhere", "seed: 7");

        forms.await(run, producer, new Cancellation());

        assertThat(run.onItsExamples()).isSameAs(run);
    }

    @Test
    void saysWhyADataSetCannotBeAugmented() throws Exception {
        publish(ended("foreign", List.of(), State.SEALED, null));
        RunEvent foreign = TrainerFixture.run("r", "foreign", "augmentation: {noise: 0.1}");
        RunEvent broken = TrainerFixture.run("r", "broken", "augmentation: {paraphrase: model}");
        publish(ended("broken", SOURCES, State.SEALED, null));
        publish(ended(broken.onItsExamples().dataset(), SOURCES, State.FAILED, "use `squadron augment`"));

        assertThatThrownBy(() -> forms.await(foreign, producer, new Cancellation()))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("written to the topic by other producers");
        assertThatThrownBy(() -> forms.await(broken, producer, new Cancellation()))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("is failed: use `squadron augment`");
    }

    private static DatasetEvent ended(String dataset, List<Source> sources, State state, String message) {
        return new DatasetEvent(
                dataset, state, sources, null, 0, 3, Map.of(), 0, Map.of(), 0, 0, message, Instant.now());
    }

    private static void publish(DatasetEvent event) throws Exception {
        var unused = events.send(RunLog.MESSAGES.json(Topics.DATASETS, event.dataset(), Headers.TYPE_DATASET, event))
                .get();
    }
}
