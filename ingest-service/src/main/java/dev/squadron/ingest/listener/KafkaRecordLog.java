package dev.squadron.ingest.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Seal;
import dev.squadron.ingest.domain.Chunk;
import dev.squadron.ingest.domain.RecordLog;
import dev.squadron.kit.kafka.DeadLetters;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.utils.Utils;

/** The topics of records, dead letters and data sets, written in transactions of one data set's own producer. */
final class KafkaRecordLog implements RecordLog {
    private static final Messages MESSAGES = new Messages("/squadron/ingest-service", Clock.systemUTC());

    private final KafkaProducer<byte[], byte[]> producer;
    private final int partitions;

    /** Fences whoever wrote the data set before. */
    KafkaRecordLog(KafkaClients clients, String dataset, Patience patience) {
        producer = clients.transactionalProducer("squadron-ingest-" + dataset, patience);
        partitions = producer.partitionsFor(Topics.RECORDS).size();
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public int partition(String key) {
        return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8))) % partitions;
    }

    @Override
    public void write(Chunk chunk, DatasetEvent after) {
        inTransaction(() -> {
            for (QaRecord record : chunk.accepted()) {
                send(MESSAGES.of(
                        Topics.RECORDS,
                        partition(record.key()),
                        record.key(),
                        Headers.TYPE_RECORD,
                        Messages.JSON,
                        QaRecordCodec.write(record)));
            }
            chunk.rejected().forEach(each -> send(DeadLetters.of(each.key(), each.bytes(), each.why())));
            send(message(after));
        });
    }

    @Override
    public void seal(List<Seal> seals, DatasetEvent after) {
        inTransaction(() -> {
            for (Seal seal : seals) {
                send(MESSAGES.of(
                        Topics.RECORDS,
                        seal.partition(),
                        seal.dataset(),
                        Headers.TYPE_SEAL,
                        Messages.JSON,
                        seal.write()));
            }
            send(message(after));
        });
    }

    /** Seals every partition of a data set whose records nobody has counted. */
    void sealWithoutCounts(DatasetEvent after) {
        seal(
                IntStream.range(0, partitions)
                        .mapToObj(partition -> new Seal(after.dataset(), partition, null, null, null))
                        .toList(),
                after);
    }

    @Override
    public void write(DatasetEvent state) {
        inTransaction(() -> send(message(state)));
    }

    @Override
    public void close() {
        producer.close();
    }

    private static ProducerRecord<byte[], byte[]> message(DatasetEvent event) {
        return MESSAGES.json(Topics.DATASETS, event.dataset(), Headers.TYPE_DATASET, event);
    }

    private void send(ProducerRecord<byte[], byte[]> message) {
        Future<RecordMetadata> unused = producer.send(message);
    }

    /** What goes wrong with a message comes up when the transaction commits. */
    private void inTransaction(Runnable work) {
        producer.beginTransaction();
        work.run();
        producer.commitTransaction();
    }
}
