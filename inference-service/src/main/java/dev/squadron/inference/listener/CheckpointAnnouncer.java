package dev.squadron.inference.listener;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Publishes what happens to checkpoints by this service's hand. */
@ApplicationScoped
public class CheckpointAnnouncer {
    private static final int SECONDS = 30;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Messages messages = new Messages("/squadron/inference-service", Clock.systemUTC());

    CheckpointAnnouncer(KafkaClients clients) {
        producer = clients.producer(Patience.REQUEST);
    }

    /**
     * Publishes {@code event} and waits until the brokers have it.
     *
     * @throws IOException if they do not take it
     */
    public void announce(CheckpointEvent event) throws IOException {
        try {
            producer.send(messages.json(Topics.CHECKPOINTS, event.model(), Headers.TYPE_CHECKPOINT, event))
                    .get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while announcing a checkpoint", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Kafka did not take the event: " + e.getMessage(), e);
        }
    }

    @PreDestroy
    void close() {
        producer.close();
    }
}
