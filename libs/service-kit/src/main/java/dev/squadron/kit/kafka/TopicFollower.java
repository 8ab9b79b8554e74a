package dev.squadron.kit.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic from its beginning, or from where one has been, and then follows it, on a thread of its own: so a service that
 * holds nothing knows at start what the log says. No consumer group; each follower sees every message, those of one partition in order.
 */
public final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Takes the messages one by one; what it throws is logged, and the next message follows. */
    @FunctionalInterface
    public interface Handler {
        void on(ConsumerRecord<byte[], byte[]> message) throws Exception;
    }

    private final KafkaClients clients;
    private final String topic;
    private final Map<Integer, Long> from;
    private final Handler handler;
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;
    private volatile KafkaConsumer<byte[], byte[]> consumer;
    private Map<TopicPartition, Long> ends;

    private TopicFollower(KafkaClients clients, String topic, Map<Integer, Long> from, Handler handler) {
        this.clients = clients;
        this.topic = topic;
        this.from = Map.copyOf(from);
        this.handler = handler;
        this.thread = new Thread(this::run, "follow-" + topic);
        this.thread.setDaemon(true);
    }

    /** Starts to follow {@code topic}. */
    public static TopicFollower start(KafkaClients clients, String topic, Handler handler) {
        return start(clients, topic, Map.of(), handler);
    }

    /**
     * Starts to follow {@code topic} where one has been.
     *
     * @param from the first offset to read, by partition; the others are read from their beginning
     */
    public static TopicFollower start(KafkaClients clients, String topic, Map<Integer, Long> from, Handler handler) {
        TopicFollower follower = new TopicFollower(clients, topic, from, handler);
        follower.thread.start();
        return follower;
    }

    /** Completes once the handler has seen all that stood in the topic when the follower began. */
    public CompletableFuture<Void> caughtUp() {
        return caughtUp;
    }

    /** Returns whether the handler has seen all that stood in the topic when the follower began. */
    public boolean isCaughtUp() {
        return caughtUp.isDone() && !caughtUp.isCompletedExceptionally();
    }

    @Override
    public void close() {
        closed.set(true);
        KafkaConsumer<byte[], byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader()) {
            consumer = reader;
            assignAll(reader);
            while (!closed.get()) {
                readOn(reader);
            }
        } catch (WakeupException e) {
            LOG.debug("Stopped following {}", topic);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Cannot follow {}: {}. Check the broker and the service's rights, then restart it.", topic, e, e);
            caughtUp.completeExceptionally(e);
        }
    }

    /** Waits until the topic exists and its broker answers. */
    private void assignAll(KafkaConsumer<byte[], byte[]> reader) throws InterruptedException {
        while (!closed.get()) {
            List<TopicPartition> partitions = partitions(reader);
            if (!partitions.isEmpty()) {
                reader.assign(partitions);
                reader.seekToBeginning(partitions);
                partitions.stream()
                        .filter(partition -> from.containsKey(partition.partition()))
                        .forEach(partition -> reader.seek(partition, from.get(partition.partition())));
                return;
            }
            LOG.warn("Topic {} is not there yet; waiting for it", topic);
            Thread.sleep(RETRY.toMillis());
        }
    }

    private void readOn(KafkaConsumer<byte[], byte[]> reader) {
        try {
            if (!caughtUp.isDone()) {
                if (ends == null) {
                    ends = reader.endOffsets(reader.assignment());
                }
                if (ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue())) {
                    caughtUp.complete(null);
                }
            }
            reader.poll(POLL).forEach(this::handle);
        } catch (RetriableException e) {
            LOG.warn("Broker does not answer for topic {}: {}; asking again", topic, e.getMessage());
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> reader) {
        try {
            return reader.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
        } catch (RetriableException e) {
            LOG.warn("Broker does not answer for topic {}: {}", topic, e.getMessage());
            return List.of();
        }
    }

    private void handle(ConsumerRecord<byte[], byte[]> message) {
        try {
            handler.on(message);
        } catch (Exception e) {
            LOG.error(
                    "Message {}-{}@{} could not be used and is passed over: {}",
                    topic,
                    message.partition(),
                    message.offset(),
                    e.getMessage(),
                    e);
        }
    }
}
