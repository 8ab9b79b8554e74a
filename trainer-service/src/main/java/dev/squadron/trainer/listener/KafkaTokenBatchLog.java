package dev.squadron.trainer.listener;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenBatches;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.record.Seal;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import dev.squadron.trainer.domain.dataset.TokenBatchLog;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topic {@code squadron.token-batches.v1}. */
@ApplicationScoped
public class KafkaTokenBatchLog implements TokenBatchLog {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaTokenBatchLog.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaClients clients;

    KafkaTokenBatchLog(KafkaClients clients) {
        this.clients = clients;
    }

    @Override
    public int partitions() {
        try (KafkaConsumer<byte[], byte[]> consumer = clients.reader()) {
            return consumer.partitionsFor(Topics.TOKEN_BATCHES).size();
        }
    }

    @Override
    public End read(
            String dataset, int partition, long from, Duration patience, Cancellation cancellation, Reader reader) {
        TopicPartition source = new TopicPartition(Topics.TOKEN_BATCHES, partition);
        try (KafkaConsumer<byte[], byte[]> consumer = clients.reader()) {
            consumer.assign(List.of(source));
            consumer.seek(source, from);
            long lastNews = System.nanoTime();
            while (System.nanoTime() - lastNews < patience.toNanos()) {
                cancellation.check();
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    lastNews = System.nanoTime();
                    Seal seal = take(message, batch -> batch.getDataset().equals(dataset), reader);
                    if (seal != null && seal.dataset().equals(dataset)) {
                        return new End(message.offset(), seal);
                    }
                }
            }
        }
        throw new IncompleteDataset("The data set " + dataset + " is not sealed in partition " + partition + " of "
                + Topics.TOKEN_BATCHES + ", and nothing came for " + patience.toSeconds()
                + " s; ingest it (./squadron ingest), and look whether tokenizer-service runs.");
    }

    @Override
    public void read(PartitionRange range, Duration patience, Cancellation cancellation, Reader reader) {
        TopicPartition source = new TopicPartition(Topics.TOKEN_BATCHES, range.partition());
        try (KafkaConsumer<byte[], byte[]> consumer = clients.reader()) {
            consumer.assign(List.of(source));
            consumer.seek(source, range.from());
            long lastNews = System.nanoTime();
            while (consumer.position(source) < range.to()) {
                cancellation.check();
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    lastNews = System.nanoTime();
                    if (message.offset() < range.to()) {
                        take(message, batch -> true, reader);
                    }
                }
                if (System.nanoTime() - lastNews > patience.toNanos()) {
                    throw new IncompleteDataset(Topics.TOKEN_BATCHES + " ends in partition " + range.partition()
                            + " before offset " + range.to() + ", up to which the run needs it; restore the topic.");
                }
            }
        }
    }

    /** Gives the message to {@code reader} if it is a batch that is wanted; returns what it says if it is a seal. */
    private static Seal take(ConsumerRecord<byte[], byte[]> message, Predicate<TokenBatch> wanted, Reader reader) {
        if (message.value() == null) {
            return null;
        }
        try {
            String type = Messages.type(message).orElse("");
            if (type.equals(Headers.TYPE_SEAL)) {
                return Seal.read(message.value());
            }
            if (type.equals(Headers.TYPE_TOKEN_BATCH)) {
                TokenBatch batch = TokenBatches.read(message.value());
                if (wanted.test(batch)) {
                    reader.on(message.offset(), batch);
                }
            }
        } catch (InvalidMessage e) {
            LOG.error(
                    "{}-{}@{} is no token batch and is passed over: {}",
                    message.topic(),
                    message.partition(),
                    message.offset(),
                    e.getMessage());
        }
        return null;
    }
}
