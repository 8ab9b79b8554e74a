package dev.squadron.kit.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.local.LocalStack;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all services do with Kafka, on a real broker. */
class KafkaIT {
    private static final Messages MESSAGES = new Messages("/squadron/test", Clock.systemUTC());

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static KafkaClients clients;

    @BeforeAll
    static void start() {
        stack = LocalStack.start(directory);
        clients = KafkaClients.of(Map.of("bootstrap.servers", stack.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void aFollowerKnowsWhatStoodThereAndSeesWhatComesThoughItsHandlerFails() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            for (String key : List.of("a", "broken", "b")) {
                producer.send(MESSAGES.json(Topics.PROGRESS, key, Headers.TYPE_PROGRESS, Map.of()))
                        .get();
            }
            List<String> seen = new CopyOnWriteArrayList<>();
            TopicFollower.Handler handler = message -> {
                String key = new String(message.key(), UTF_8);
                if (key.equals("broken")) {
                    throw new InvalidMessage("wrong-type", "It is broken on purpose.");
                }
                seen.add(key);
            };
            try (TopicFollower follower = TopicFollower.start(clients, Topics.PROGRESS, handler)) {
                follower.caughtUp().get();
                assertThat(seen).containsExactlyInAnyOrder("a", "b");

                producer.send(MESSAGES.json(Topics.PROGRESS, "c", Headers.TYPE_PROGRESS, Map.of()))
                        .get();
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> seen.contains("c"));
            }
        }
    }

    @Test
    void aFollowerGoesOnWhereOneHasBeen() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            long[] offsets = new long[2];
            for (int i = 0; i < 2; i++) {
                offsets[i] = producer.send(MESSAGES.of(
                                Topics.TOKEN_BATCHES,
                                1,
                                "batch-" + i,
                                Headers.TYPE_TOKEN_BATCH,
                                Messages.PROTOBUF,
                                new byte[0]))
                        .get()
                        .offset();
            }
            try (TopicFollower follower = TopicFollower.start(
                    clients,
                    Topics.TOKEN_BATCHES,
                    Map.of(1, offsets[1]),
                    message -> seen.add(new String(message.key(), UTF_8)))) {
                follower.caughtUp().get();
            }
        }

        assertThat(seen).containsExactly("batch-1");
    }

    @Test
    void aFollowerSeesOnlyWhatIsCommittedAndTheSecondOfANameFencesTheFirst() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (KafkaProducer<byte[], byte[]> first = clients.transactionalProducer("replica", Patience.WORK);
                TopicFollower follower = TopicFollower.start(
                        clients, Topics.DATASETS, message -> seen.add(new String(message.key(), UTF_8)))) {
            follower.caughtUp().get();
            first.beginTransaction();
            first.send(MESSAGES.json(Topics.DATASETS, "uncommitted", Headers.TYPE_DATASET, Map.of()))
                    .get();
            try (KafkaProducer<byte[], byte[]> second = clients.transactionalProducer("replica", Patience.WORK)) {
                second.beginTransaction();
                second.send(MESSAGES.json(Topics.DATASETS, "committed", Headers.TYPE_DATASET, Map.of()))
                        .get();
                second.commitTransaction();
            }
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> seen.contains("committed"));

            assertThat(seen).containsExactly("committed");
            assertThatThrownBy(first::commitTransaction)
                    .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
        }
    }

    @Test
    void aDeadLetterKeepsItsBytesAndSaysWhyAndFromWhere() throws Exception {
        byte[] huge = new byte[3 << 20];
        ConsumerRecord<byte[], byte[]> small =
                new ConsumerRecord<>(Topics.RECORDS, 2, 7, "k".getBytes(UTF_8), "{".getBytes(UTF_8));
        ConsumerRecord<byte[], byte[]> large = new ConsumerRecord<>(Topics.RECORDS, 1, 8, new byte[10_000], huge);
        InvalidMessage why = new InvalidMessage("not-json", "It ends too early.");
        List<ConsumerRecord<byte[], byte[]>> letters = new CopyOnWriteArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK);
                TopicFollower follower = TopicFollower.start(clients, Topics.DEAD_LETTERS, letters::add)) {
            follower.caughtUp().get();
            producer.send(DeadLetters.of(small, why)).get();
            producer.send(DeadLetters.of(large, why)).get();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> letters.size() == 2);
        }

        ConsumerRecord<byte[], byte[]> first = of(letters, "7");
        assertThat(first.value()).isEqualTo(small.value());
        assertThat(header(first, Headers.DEAD_LETTER_REASON)).isEqualTo("It ends too early.");
        assertThat(header(first, Headers.DEAD_LETTER_RULE)).isEqualTo("not-json");
        assertThat(header(first, Headers.DEAD_LETTER_TOPIC)).isEqualTo(Topics.RECORDS);
        assertThat(header(first, Headers.DEAD_LETTER_PARTITION)).isEqualTo("2");
        ConsumerRecord<byte[], byte[]> cut = of(letters, "8");
        assertThat(cut.value()).hasSize(KafkaClients.MAX_MESSAGE_BYTES);
        assertThat(header(cut, Headers.DEAD_LETTER_SIZE)).isEqualTo(Integer.toString(huge.length));
    }

    private static ConsumerRecord<byte[], byte[]> of(List<ConsumerRecord<byte[], byte[]>> letters, String offset) {
        return letters.stream()
                .filter(letter -> header(letter, Headers.DEAD_LETTER_OFFSET).equals(offset))
                .findFirst()
                .orElseThrow();
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        return new String(message.headers().lastHeader(name).value(), UTF_8);
    }
}
