package dev.squadron.ingest.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.dataset.DatasetEvent.State;
import dev.squadron.contracts.record.CheckedRecord;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.run.Augmentation;
import dev.squadron.ingest.config.IngestSettings;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.Chunk;
import dev.squadron.ingest.domain.Ingestion;
import dev.squadron.ingest.domain.RecordLog;
import dev.squadron.ingest.domain.SourceReader;
import dev.squadron.ingest.format.Formats;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.local.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets go through a real broker: each record once, with the counts that the seals tell. */
class IngestionIT {
    private static final Path SAMPLES = Path.of(System.getProperty("squadron.home"), "samples");

    private static final Augmentation AUGMENTATION =
            new Augmentation(1.5, Augmentation.Paraphrase.RULES, 0.3, 0.5, 0.1, 0.1);

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
    void goesOnExactlyWhereItWasKilled() {
        DatasetEvent whole = ingest(opened("whole", "handbook-train.json", "squad"));
        List<DatasetEvent> told = new ArrayList<>(List.of(opened("killed", "handbook-train.json", "squad")));

        for (int kills = 0; told.get(told.size() - 1).state() != State.SEALED; kills++) {
            killAfterOneChunk(told);
            assertThat(kills).isLessThan(50);
        }

        assertThat(ids("killed")).isEqualTo(ids("whole")).hasSize(439).doesNotHaveDuplicates();
        assertThat(told.get(told.size() - 1).records())
                .isEqualTo(whole.records())
                .containsEntry("train", 439L);
        assertThat(seals("killed").stream().mapToLong(Seal::records).sum()).isEqualTo(439);
        assertThat(seals("killed")).hasSize(3).allSatisfy(seal -> assertThat(seal.records())
                .isEqualTo(messages(Topics.RECORDS).stream()
                        .filter(message ->
                                key(message).startsWith("killed/") && message.partition() == seal.partition())
                        .count()));
    }

    @Test
    void makesTheSameCopiesHoweverOftenItIsKilled() throws Exception {
        DatasetEvent whole = ingest(opened("whole-augmented", "handbook-train.json", "squad", AUGMENTATION, 7));
        List<DatasetEvent> told =
                new ArrayList<>(List.of(opened("killed-augmented", "handbook-train.json", "squad", AUGMENTATION, 7)));

        for (int kills = 0; told.get(told.size() - 1).state() != State.SEALED; kills++) {
            killAfterOneChunk(told);
            assertThat(kills).isLessThan(50);
        }

        DatasetEvent killed = told.get(told.size() - 1);
        Map<String, QaRecord> records = records("killed-augmented");
        assertThat(records).isEqualTo(records("whole-augmented"));
        assertThat(killed.records()).isEqualTo(whole.records()).containsEntry("train", 439 + killed.augmented());
        assertThat(killed.augmented()).isEqualTo(whole.augmented()).isBetween(600L, 710L);
        assertThat(seals("killed-augmented").stream().mapToLong(Seal::records).sum())
                .isEqualTo(records.size())
                .isEqualTo(439 + killed.augmented());
        assertThat(records.values().stream().filter(record -> record.origin() != null))
                .hasSize((int) killed.augmented())
                .allSatisfy(copy -> {
                    QaRecord original = records.get(copy.origin().id());
                    assertThat(original.origin()).isNull();
                    assertThat(copy.answers().get(0).text())
                            .isEqualTo(original.answers().get(0).text());
                    assertThat(copy.question() + copy.context()).isNotEqualTo(original.question() + original.context());
                });
    }

    @Test
    void neverAugmentsTheValidationSplit() {
        DatasetEvent opened = opened("validation", "handbook-validation.json", "squad", AUGMENTATION, 7);
        Source source = opened.sources().get(0);
        DatasetEvent sealed = ingest(DatasetEvent.opened(
                "validation",
                List.of(new Source(source.uri(), source.format(), null, "validation", null)),
                AUGMENTATION,
                7,
                Clock.systemUTC().instant()));

        assertThat(sealed.records()).containsOnly(Map.entry("validation", 135L));
        assertThat(sealed.augmented()).isZero();
    }

    @Test
    void saysWhereParaphrasesByTheModelComeFrom() {
        Augmentation plan = new Augmentation(1.0, Augmentation.Paraphrase.MODEL, 0.0, 0.0, 0.0, 0.0);
        DatasetEvent failed = ingest(opened("by-model", "handbook-v2.json", "squad", plan, 0));

        assertThat(failed.state()).isEqualTo(State.FAILED);
        assertThat(failed.message()).contains("squadron augment");
    }

    @Test
    void takesInWhatARunAsksFor() {
        Datasets datasets = new Datasets(clients, new SampleFiles(), new Settings());
        datasets.start();
        try (KafkaRecordLog log = new KafkaRecordLog(clients, "asked-for", Patience.WORK)) {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(datasets::isCaughtUp);
            log.write(opened("asked-for", "handbook-train.json", "squad", AUGMENTATION, 7));

            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(
                            () -> datasets.state("asked-for").map(DatasetEvent::state),
                            Optional.of(State.SEALED)::equals);
        } finally {
            datasets.stop();
        }

        assertThat(ids("asked-for")).hasSizeGreaterThan(1_000).doesNotHaveDuplicates();
    }

    @Test
    void judgesTheHostileRecordsAsForetold() throws Exception {
        JsonNode expected = ContractJson.readTree(Files.readAllBytes(SAMPLES.resolve("hostile-records.expected.json")));
        Map<String, Long> foretold = new TreeMap<>();
        for (JsonNode fate : expected.isArray() ? expected : expected.get("lines")) {
            String outcome = fate.get("outcome").textValue();
            foretold.merge(outcome.equals("rejected") ? fate.get("rule").textValue() : outcome, 1L, Long::sum);
        }

        DatasetEvent sealed = ingest(opened("handbook", "hostile-records.jsonl", "jsonl"));

        Map<String, Long> found = messages(Topics.DEAD_LETTERS).stream()
                .collect(Collectors.groupingBy(
                        message -> header(message, Headers.DEAD_LETTER_RULE), TreeMap::new, Collectors.counting()));
        found.put("mended", sealed.mended());
        found.put(
                "accepted",
                sealed.records().values().stream().mapToLong(Long::longValue).sum() - sealed.mended());
        foretold.remove("skipped");
        // A line without a data set belongs to the one that it is sent to; two belong to another one.
        foretold.merge("missing-field", -1L, Long::sum);
        foretold.merge("accepted", 1L - 2L, Long::sum);
        foretold.put("other-dataset", 2L);
        assertThat(found).isEqualTo(foretold);
        assertThat(sealed.state()).isEqualTo(State.SEALED);
    }

    @Test
    void saysWhyASourceCannotBeRead() {
        DatasetEvent failed = ingest(opened("broken", "README.md", "squad"));

        assertThat(failed.state()).isEqualTo(State.FAILED);
        assertThat(failed.message()).contains("README.md is not JSON");
    }

    @Test
    void stopsWhenItIsCancelled() {
        List<DatasetEvent> told = new ArrayList<>();
        try (KafkaRecordLog log = new KafkaRecordLog(clients, "cancelled", Patience.WORK)) {
            new Ingestion(
                            opened("cancelled", "handbook-train.json", "squad"),
                            new SampleFiles(),
                            log,
                            Clock.systemUTC(),
                            1_000,
                            () -> true,
                            told::add)
                    .run();
        }

        assertThat(told).singleElement().extracting(DatasetEvent::state).isEqualTo(State.CANCELLED);
        assertThat(ids("cancelled")).isEmpty();
    }

    private static DatasetEvent ingest(DatasetEvent from) {
        List<DatasetEvent> told = new ArrayList<>();
        try (KafkaRecordLog log = new KafkaRecordLog(clients, from.dataset(), Patience.WORK)) {
            new Ingestion(from, new SampleFiles(), log, Clock.systemUTC(), 1_000, () -> false, told::add).run();
        }
        return told.get(told.size() - 1);
    }

    /** Dies behind the first chunk that it writes, whose state a service that starts again would read. */
    private static void killAfterOneChunk(List<DatasetEvent> told) {
        DatasetEvent from = told.get(told.size() - 1);
        try (Dying log = new Dying(new KafkaRecordLog(clients, from.dataset(), Patience.WORK), told)) {
            Ingestion ingestion =
                    new Ingestion(from, new SampleFiles(), log, Clock.systemUTC(), 100, () -> false, told::add);
            if (from.position() < 439) {
                assertThatThrownBy(ingestion::run).isInstanceOf(Killed.class);
            } else {
                ingestion.run();
            }
        }
    }

    private static DatasetEvent opened(String dataset, String sample, String format) {
        return opened(dataset, sample, format, null, 0);
    }

    private static DatasetEvent opened(
            String dataset, String sample, String format, Augmentation augmentation, long seed) {
        Source source = new Source(SAMPLES.resolve(sample).toString(), format, null, null, null);
        return DatasetEvent.opened(
                dataset, List.of(source), augmentation, seed, Clock.systemUTC().instant());
    }

    private static Map<String, QaRecord> records(String dataset) throws InvalidMessage {
        Map<String, QaRecord> records = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> message : messages(Topics.RECORDS)) {
            if (key(message).startsWith(dataset + "/")) {
                CheckedRecord checked = QaRecordCodec.read(message.value());
                assertThat(checked.mended()).isFalse();
                QaRecord record = checked.record();
                QaRecord anywhere = new QaRecord(
                        "any",
                        record.id(),
                        record.split(),
                        record.question(),
                        record.context(),
                        record.answers(),
                        record.impossible(),
                        record.origin());
                assertThat(records.put(record.id(), anywhere)).isNull();
            }
        }
        return records;
    }

    private static List<String> ids(String dataset) {
        return messages(Topics.RECORDS).stream()
                .map(IngestionIT::key)
                .filter(key -> key.startsWith(dataset + "/"))
                .map(key -> key.substring(dataset.length() + 1))
                .sorted()
                .toList();
    }

    private static List<Seal> seals(String dataset) {
        return messages(Topics.RECORDS).stream()
                .filter(message -> key(message).equals(dataset))
                .map(message -> {
                    try {
                        return Seal.read(message.value());
                    } catch (InvalidMessage e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private static String key(ConsumerRecord<byte[], byte[]> message) {
        return new String(message.key(), UTF_8);
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        return new String(header.value(), UTF_8);
    }

    private static List<ConsumerRecord<byte[], byte[]>> messages(String topic) {
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

    private static final class Settings implements IngestSettings {
        @Override
        public Optional<List<Path>> directories() {
            return Optional.empty();
        }

        @Override
        public boolean allowPrivateAddresses() {
            return false;
        }

        @Override
        public long maxUploadBytes() {
            return 1;
        }

        @Override
        public int concurrentDatasets() {
            return 1;
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Reads the samples as they lie. */
    private static final class SampleFiles implements SourceReader {
        @Override
        public List<Source> pin(Source source) {
            return List.of(source);
        }

        @Override
        public Candidates open(Source source, String dataset) {
            try {
                return Formats.read(source, Files.newInputStream(Path.of(source.uri())), dataset);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Writes one chunk and dies. */
    private record Dying(RecordLog log, List<DatasetEvent> written) implements RecordLog {
        @Override
        public int partitions() {
            return log.partitions();
        }

        @Override
        public int partition(String key) {
            return log.partition(key);
        }

        @Override
        public void write(Chunk chunk, DatasetEvent after) {
            log.write(chunk, after);
            written.add(after);
            throw new Killed();
        }

        @Override
        public void seal(List<Seal> seals, DatasetEvent after) {
            log.seal(seals, after);
        }

        @Override
        public void write(DatasetEvent state) {
            log.write(state);
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
