package dev.squadron.tokenizer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.contracts.record.Seal;
import dev.squadron.kit.kafka.DeadLetters;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.tokenizer.domain.Packing;
import dev.squadron.tokenizer.domain.Tally;
import dev.squadron.tokenizer.domain.Tokenizing;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The records of one partition that one transaction takes: turns them into token batches, seals and dead letters of the same
 * partition. A seal follows all that stood before it.
 */
final class RecordWindow {
    private static final Messages MESSAGES = new Messages("/squadron/tokenizer-service", Clock.systemUTC());

    private final int partition;
    private final Tokenizing tokenizing;
    private final Packing packing;
    private final Preprocessing preprocessing;
    private final Tally tally;
    private final Map<Group, List<TokenExample>> waiting = new LinkedHashMap<>();
    private final List<ProducerRecord<byte[], byte[]>> out = new ArrayList<>();
    private int tokenized;
    private final List<InvalidMessage> rejected = new ArrayList<>();

    /** What may share a batch. */
    private record Group(String dataset, String split) {}

    RecordWindow(int partition, Tokenizing tokenizing, Packing packing, Preprocessing preprocessing, Tally tally) {
        this.partition = partition;
        this.tokenizing = tokenizing;
        this.packing = packing;
        this.preprocessing = preprocessing;
        this.tally = tally;
    }

    /** Takes a message of the records topic. */
    void add(ConsumerRecord<byte[], byte[]> message) {
        try {
            if (message.value() == null) {
                throw new InvalidMessage("no-value", "The message has no value; send a record as a JSON object.");
            }
            if (Messages.type(message).filter(Headers.TYPE_SEAL::equals).isPresent()) {
                seal(Seal.read(message.value()));
            } else {
                tokenize(message);
            }
        } catch (InvalidMessage e) {
            out.add(DeadLetters.of(message, e));
            rejected.add(e);
            datasetOf(message).ifPresent(tally::rejected);
        }
    }

    /** Returns what is to be written, and forgets it. */
    List<ProducerRecord<byte[], byte[]>> flush() {
        flushBatches();
        return List.copyOf(out);
    }

    int tokenized() {
        return tokenized;
    }

    List<InvalidMessage> rejected() {
        return rejected;
    }

    private void tokenize(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        QaRecord record = QaRecordCodec.read(message.value()).record();
        TokenExample example = tokenizing.example(record, partition, message.offset());
        waiting.computeIfAbsent(new Group(record.dataset(), record.split().label()), group -> new ArrayList<>())
                .add(example);
        tally.tokenized(record.dataset());
        tokenized++;
    }

    private void seal(Seal seal) throws InvalidMessage {
        if (seal.partition() != partition) {
            throw new InvalidMessage(
                    "bad-seal", "The seal is for partition " + seal.partition() + " and stands in " + partition + ".");
        }
        flushBatches();
        Optional<Tally.Count> count = tally.close(seal.dataset());
        boolean empty = seal.records() != null && seal.records() == 0;
        Seal passed = new Seal(
                seal.dataset(),
                partition,
                seal.records(),
                count.map(Tally.Count::tokenized).orElse(empty ? 0L : null),
                count.map(Tally.Count::rejected).orElse(empty ? 0L : null));
        out.add(MESSAGES.of(
                Topics.TOKEN_BATCHES, partition, seal.dataset(), Headers.TYPE_SEAL, Messages.JSON, passed.write()));
    }

    private void flushBatches() {
        waiting.forEach((group, examples) -> packing.pack(examples)
                .forEach(batch -> out.add(MESSAGES.of(
                        Topics.TOKEN_BATCHES,
                        partition,
                        group.dataset(),
                        Headers.TYPE_TOKEN_BATCH,
                        Messages.PROTOBUF,
                        TokenBatch.newBuilder()
                                .setDataset(group.dataset())
                                .setSplit(group.split())
                                .setPreprocessing(preprocessing)
                                .addAllExamples(batch)
                                .build()
                                .toByteArray()))));
        waiting.clear();
    }

    /** A message that cannot be read still has its key, {@code dataset/id}. */
    private static Optional<String> datasetOf(ConsumerRecord<byte[], byte[]> message) {
        if (message.key() == null || message.key().length > 1024) {
            return Optional.empty();
        }
        String key = new String(message.key(), UTF_8);
        int slash = key.indexOf('/');
        String dataset = slash < 0 ? key : key.substring(0, slash);
        return Optional.of(dataset)
                .filter(name -> RecordLimits.DATASET.matcher(name).matches());
    }
}
