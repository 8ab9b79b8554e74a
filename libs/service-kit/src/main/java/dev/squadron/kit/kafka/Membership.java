package dev.squadron.kit.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Membership of a consumer group that reads nothing: the group says which partitions are this replica's to work on, and gives them
 * to others when it dies. The poll thread only keeps the membership, so slow work does not cost it.
 */
public final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Is called on the poll thread; must be quick, but for {@link #onRevoked}, which may wait for work to stop. */
    public interface Listener {
        /** Happens several times a second; {@code held} are the partitions that are this replica's. */
        void onPoll(Set<Integer> held);

        /** The partitions go to other replicas when this returns. */
        void onRevoked();
    }

    private final String group;
    private final String topic;
    private final Listener listener;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private volatile boolean stopping;

    private Membership(KafkaClients clients, String group, String topic, Listener listener) {
        this.group = group;
        this.topic = topic;
        this.listener = listener;
        this.consumer = clients.consumer(group);
        this.thread = new Thread(this::keep, "member-of-" + group);
    }

    /** Joins {@code group}, which shares the partitions of {@code topic}. */
    public static Membership join(KafkaClients clients, String group, String topic, Listener listener) {
        Membership membership = new Membership(clients, group, topic, listener);
        membership.thread.start();
        return membership;
    }

    /** Leaves the group, once the work has stopped. */
    @Override
    public void close() {
        stopping = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        try {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    consumer.pause(partitions);
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    listener.onRevoked();
                }
            });
            while (!stopping) {
                consumer.poll(POLL);
                listener.onPoll(consumer.assignment().stream()
                        .map(TopicPartition::partition)
                        .collect(Collectors.toSet()));
            }
        } catch (WakeupException e) {
            LOG.debug("Leaving the group {}", group);
        } catch (RuntimeException e) {
            LOG.error("No longer a member of {}: {}. Restart the service.", group, e.toString(), e);
        } finally {
            listener.onRevoked();
            consumer.close();
        }
    }
}
