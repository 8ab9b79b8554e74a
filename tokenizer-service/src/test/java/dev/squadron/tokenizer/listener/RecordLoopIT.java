package dev.squadron.tokenizer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.record.Split;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.local.LocalStack;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.tokenizer.config.TokenizerSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records go through a real broker and one or more tokenizers: each is counted once, in its partition, in its order. */
class RecordLoopIT {
    private static final int PARTITIONS = 3;
    private static final long HOSTILE_BYTES = Long.getLong("squadron.hostile.megabytes", 5L) << 20;

    @TempDir
    private Path directory;

    private LocalStack stack;
    private KafkaClients clients;
    private QaPrompt prompt;
    private KafkaProducer<byte[], byte[]> producer;
    private final Map<String, RecordLoop> replicas = new HashMap<>();
    private final Queue<Exception> refused = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() {
        stack = LocalStack.start(directory);
        clients = KafkaClients.of(Map.of("bootstrap.servers", stack.bootstrapServers()));
        prompt = QaPrompt.classic(
                Seq2SeqTokenizer.open(Path.of(System.getProperty("squadron.home"), "models", "squadlet")));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (RecordLoop replica : replicas.values()) {
            replica.stop();
        }
        producer.close();
        prompt.tokenizer().close();
        stack.close();
    }

    @Test
    void replicasThatComeAndGoCountEachRecordOnce() throws Exception {
        int records = 6_000;
        replica("one");
        send(0, records / 3);
        awaitTokenBatches();
        replica("two");
        send(records / 3, 2 * records / 3);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> replicas.get("two")
                .isAssigned());
        replicas.remove("one").stop();
        send(2 * records / 3, records);
        replica("three");
        seal(records);

        List<Seal> seals = awaitSeals();

        Map<Integer, List<Long>> offsets = examples().stream()
                .collect(Collectors.groupingBy(
                        TokenExample::getPartition, Collectors.mapping(TokenExample::getOffset, Collectors.toList())));
        assertThat(offsets.values().stream().mapToInt(List::size).sum()).isEqualTo(records);
        assertThat(offsets.values()).allSatisfy(each -> assertThat(each).doesNotHaveDuplicates());
        assertThat(seals).hasSize(PARTITIONS).allSatisfy(seal -> {
            assertThat(seal.tokenized())
                    .isEqualTo(seal.records())
                    .isEqualTo(offsets.get(seal.partition()).size());
            assertThat(seal.rejected()).isZero();
        });
    }

    @Test
    void hostileMessagesBecomeDeadLettersAndNothingWaitsBehindThem() throws Exception {
        HostileMessages hostile = new HostileMessages(20261123);
        replica("one");
        long bytes = 0;
        int bad = 0;
        int good = 0;
        while (bytes < HOSTILE_BYTES) {
            ProducerRecord<byte[], byte[]> message = hostile.next("handbook");
            bytes += message.value() == null ? 0 : message.value().length;
            send(message);
            bad++;
            if (bad % 10 == 0) {
                send(good, ++good);
            }
        }
        seal(null);

        List<Seal> seals = awaitSeals();

        List<ConsumerRecord<byte[], byte[]>> letters = messages(Topics.DEAD_LETTERS);
        assertThat(examples()).hasSize(good);
        assertThat(letters).hasSize(bad).allSatisfy(letter -> assertThat(new String(
                        letter.headers().lastHeader(Headers.DEAD_LETTER_REASON).value(), UTF_8))
                .isNotBlank());
        assertThat(letters.stream()
                        .map(letter -> new String(
                                letter.headers()
                                        .lastHeader(Headers.DEAD_LETTER_RULE)
                                        .value(),
                                UTF_8))
                        .distinct())
                .contains("not-json", "not-utf8", "too-long", "wrong-type");
        assertThat(seals.stream().mapToLong(Seal::tokenized).sum()).isEqualTo(good);
    }

    @Test
    void aMessageThatCompressionHidTheSizeOfBecomesADeadLetterThatIsCut() throws Exception {
        int size = 30 << 20;
        Map<String, Object> generous = Map.of(
                "bootstrap.servers",
                stack.bootstrapServers(),
                "compression.type",
                "zstd",
                "max.request.size",
                2 * size,
                "buffer.memory",
                4L * size);
        replica("one");
        try (KafkaProducer<byte[], byte[]> other =
                new KafkaProducer<>(generous, new ByteArraySerializer(), new ByteArraySerializer())) {
            other.send(new ProducerRecord<>(Topics.RECORDS, new byte[size])).get();
        }
        send(0, 1);
        seal(null);

        awaitSeals();

        assertThat(examples()).hasSize(1);
        assertThat(messages(Topics.DEAD_LETTERS)).singleElement().satisfies(letter -> {
            assertThat(letter.value()).hasSize(KafkaClients.MAX_MESSAGE_BYTES);
            assertThat(letter.headers().lastHeader(Headers.DEAD_LETTER_SIZE).value())
                    .asString()
                    .isEqualTo(Integer.toString(size));
        });
    }

    @Test
    void longAnswersToValidateOnStillFitIntoMessages() throws Exception {
        replica("one");
        String context = "a lamp, ".repeat(500);
        List<Answer> answers = IntStream.range(0, 64)
                .mapToObj(i -> new Answer(context.substring(0, 3_900 + i), 0))
                .toList();
        for (int i = 0; i < 20; i++) {
            send(new QaRecord("handbook", "long-" + i, Split.VALIDATION, "What is it?", context, answers, false));
        }
        seal(null);

        awaitSeals();

        assertThat(examples()).hasSize(20).allSatisfy(example -> assertThat(example.getAnswersList())
                .hasSize(64));
    }

    private void replica(String instance) {
        TokenizerSettings settings = new TokenizerSettings() {
            @Override
            public String instance() {
                return instance;
            }

            @Override
            public int tokenBudget() {
                return 4096;
            }
        };
        RecordLoop loop = new RecordLoop(clients, prompt, settings, new SimpleMeterRegistry());
        loop.start();
        replicas.put(instance, loop);
    }

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            String context = "The lamp of room " + i + " burns " + "all night ".repeat(i % 40) + "long.";
            List<Answer> answers = List.of(new Answer("room " + i, 12));
            send(new QaRecord("handbook", "r-" + i, Split.TRAIN, "Where does the lamp burn?", context, answers, false));
        }
    }

    private void send(QaRecord record) {
        send(new ProducerRecord<>(Topics.RECORDS, null, record.key().getBytes(UTF_8), QaRecordCodec.write(record)));
    }

    private void send(ProducerRecord<byte[], byte[]> message) {
        Future<RecordMetadata> unused = producer.send(message, (metadata, fault) -> {
            if (fault != null) {
                refused.add(fault);
            }
        });
    }

    /** Seals all partitions, with each partition's share of the records where there is nothing else in the topic. */
    private void seal(Integer records) {
        producer.flush();
        assertThat(refused).isEmpty();
        Map<Integer, Long> shares = new HashMap<>();
        if (records != null) {
            messages(Topics.RECORDS).forEach(message -> shares.merge(message.partition(), 1L, Long::sum));
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                    Topics.RECORDS,
                    partition,
                    "handbook".getBytes(UTF_8),
                    new Seal("handbook", partition, shares.get(partition), null, null).write());
            message.headers().add(Headers.TYPE, Headers.TYPE_SEAL.getBytes(UTF_8));
            send(message);
        }
        producer.flush();
    }

    private void awaitTokenBatches() {
        producer.flush();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !messages(Topics.TOKEN_BATCHES)
                .isEmpty());
    }

    private List<Seal> awaitSeals() {
        List<Seal> seals = new ArrayList<>();
        Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> {
            seals.clear();
            for (ConsumerRecord<byte[], byte[]> message : messages(Topics.TOKEN_BATCHES)) {
                if (Messages.type(message).filter(Headers.TYPE_SEAL::equals).isPresent()) {
                    seals.add(ContractJson.read(message.value(), Seal.class));
                }
            }
            return seals.size() == PARTITIONS;
        });
        return seals;
    }

    private List<TokenExample> examples() throws Exception {
        List<TokenExample> examples = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> message : messages(Topics.TOKEN_BATCHES)) {
            if (Messages.type(message).filter(Headers.TYPE_TOKEN_BATCH::equals).isPresent()) {
                TokenBatch batch = TokenBatch.parseFrom(message.value());
                assertThat(batch.getExamplesList()).allSatisfy(example -> assertThat(example.getPartition())
                        .isEqualTo(message.partition()));
                examples.addAll(batch.getExamplesList());
            }
        }
        return examples;
    }

    private List<ConsumerRecord<byte[], byte[]>> messages(String topic) {
        List<ConsumerRecord<byte[], byte[]>> messages = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader()) {
            List<TopicPartition> partitions = reader.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                reader.poll(Duration.ofMillis(100)).forEach(messages::add);
            }
        }
        return messages;
    }
}
