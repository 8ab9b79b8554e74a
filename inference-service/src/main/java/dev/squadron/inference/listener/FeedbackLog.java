package dev.squadron.inference.listener;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Writes corrections to the topic of records, as any producer may. */
@ApplicationScoped
public class FeedbackLog {
    private final KafkaProducer<byte[], byte[]> producer;
    private final Messages messages = new Messages("/squadron/inference-service", Clock.systemUTC());

    FeedbackLog(KafkaClients clients) {
        producer = clients.producer(Patience.REQUEST);
    }

    /**
     * Writes {@code record} and waits until the brokers have it.
     *
     * @throws KafkaException if they do not take it
     */
    public void write(QaRecord record) {
        try {
            producer.send(messages.of(
                            Topics.RECORDS,
                            null,
                            record.key(),
                            Headers.TYPE_RECORD,
                            Messages.JSON,
                            QaRecordCodec.write(record)))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException("Interrupted while writing a correction", e);
        } catch (ExecutionException e) {
            throw new KafkaException("The broker did not take a correction", e);
        }
    }

    @PreDestroy
    void close() {
        producer.close();
    }
}
