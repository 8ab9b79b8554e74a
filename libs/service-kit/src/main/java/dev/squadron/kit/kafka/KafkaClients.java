package dev.squadron.kit.kafka;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka clients that lose nothing: producers are idempotent and wait for all replicas, consumers read only what is
 * committed, from the beginning, and never commit by themselves. Whatever {@code kafka.*} the service is configured with
 * (servers, security) holds for all of them.
 */
@ApplicationScoped
public class KafkaClients {
    /** Most bytes of a message's value; topics and brokers must allow 100,000 more, for key and headers. */
    public static final int MAX_MESSAGE_BYTES = 1_000_000;

    /** What one poll gives at most: of the longest messages they take 100 MB. */
    private static final int MAX_POLL_RECORDS = 100;

    private static final int SESSION_TIMEOUT_MILLIS = 10_000;
    private static final int TRANSACTION_TIMEOUT_MILLIS = 20_000;

    /** How long a message may wait for a broker that does not answer. */
    public enum Patience {
        /** Somebody waits for the answer to a request. */
        REQUEST(4_000, 2_000),
        /** Work that goes on when the broker is back. */
        WORK(20_000, 10_000);

        private final int deliveryMillis;
        private final int attemptMillis;

        Patience(int deliveryMillis, int attemptMillis) {
            this.deliveryMillis = deliveryMillis;
            this.attemptMillis = attemptMillis;
        }
    }

    private final Map<String, Object> settings;

    KafkaClients(@Identifier("default-kafka-broker") Map<String, Object> settings) {
        this.settings = Map.copyOf(settings);
    }

    /** Returns clients for the given {@code kafka.*} settings, for use without a container. */
    public static KafkaClients of(Map<String, Object> settings) {
        return new KafkaClients(settings);
    }

    /** Returns a producer without transactions. */
    public KafkaProducer<byte[], byte[]> producer(Patience patience) {
        return new KafkaProducer<>(producerSettings(patience), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Returns a producer for transactions, already initialised: whoever had the same id before is fenced, and what it left
     * open is aborted.
     *
     * @param transactionalId the same again after a restart
     */
    public KafkaProducer<byte[], byte[]> transactionalProducer(String transactionalId, Patience patience) {
        Map<String, Object> all = producerSettings(patience);
        all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        all.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            return producer;
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Returns a consumer that shares partitions with the other members of {@code group}. */
    public KafkaConsumer<byte[], byte[]> consumer(String group) {
        Map<String, Object> all = consumerSettings();
        all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns a consumer without a group, for reading whole partitions by {@code assign}. */
    public KafkaConsumer<byte[], byte[]> reader() {
        return new KafkaConsumer<>(consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns an admin client. */
    public Admin admin() {
        return Admin.create(new HashMap<>(settings));
    }

    private Map<String, Object> producerSettings(Patience patience) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        all.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, patience.attemptMillis);
        all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, patience.deliveryMillis);
        all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patience.deliveryMillis);
        all.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_MESSAGE_BYTES + 100_000);
        return all;
    }

    private Map<String, Object> consumerSettings() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return all;
    }
}
