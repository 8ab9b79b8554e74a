package dev.squadron.trainer.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.RunBook;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics of runs and of their progress: writes them, and keeps the {@link RunBook} up with them. */
@Startup
@ApplicationScoped
public class RunLog {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
    static final Messages MESSAGES = new Messages("/squadron/trainer-service", Clock.systemUTC());

    private final KafkaClients clients;
    private final RunBook book;
    private final List<Consumer<RunEvent>> watchers = new CopyOnWriteArrayList<>();
    private KafkaProducer<byte[], byte[]> producer;
    private KafkaProducer<byte[], byte[]> requests;
    private TopicFollower runs;
    private TopicFollower progress;

    RunLog(KafkaClients clients, RunBook book) {
        this.clients = clients;
        this.book = book;
    }

    @PostConstruct
    void start() {
        producer = clients.producer(Patience.WORK);
        requests = clients.producer(Patience.REQUEST);
        runs = TopicFollower.start(clients, Topics.RUNS, message -> {
            if (message.value() != null) {
                RunEvent event = ContractJson.read(message.value(), RunEvent.class);
                book.on(event);
                watchers.forEach(watcher -> watcher.accept(event));
            }
        });
        progress = TopicFollower.start(clients, Topics.PROGRESS, message -> {
            if (message.value() != null) {
                runs.caughtUp().join();
                book.on(ContractJson.read(message.value(), Progress.class));
            }
        });
    }

    @PreDestroy
    void stop() {
        runs.close();
        progress.close();
        producer.close();
        requests.close();
    }

    /** Returns whether all that stood in the topics at start is known. */
    public boolean isCaughtUp() {
        return runs.isCaughtUp() && progress.isCaughtUp();
    }

    /** Tells {@code watcher} of every change of a run's state from now on. */
    public void watch(Consumer<RunEvent> watcher) {
        watchers.add(watcher);
    }

    /** Writes a change that somebody asks for, and waits until the broker has it; gives up while that person still waits. */
    public void request(RunEvent event) {
        request(message(event));
    }

    /** Writes a change that the run's own work has come to, and waits until the broker has it. */
    public void publish(RunEvent event) {
        publish(message(event));
    }

    void request(ProducerRecord<byte[], byte[]> message) {
        send(requests, message);
    }

    void publish(ProducerRecord<byte[], byte[]> message) {
        send(producer, message);
    }

    /** Writes a step forward, without waiting for the broker. */
    public void publish(Progress step) {
        Future<RecordMetadata> unused = producer.send(message(step), (metadata, fault) -> {
            if (fault != null) {
                LOG.warn("A step of run {} could not be told: {}", step.run(), fault.getMessage());
            }
        });
    }

    /** Returns once the broker has all that was published, or did not take it. */
    void flush() {
        producer.flush();
    }

    static ProducerRecord<byte[], byte[]> message(Progress step) {
        return MESSAGES.json(Topics.PROGRESS, step.run(), Headers.TYPE_PROGRESS, step);
    }

    static ProducerRecord<byte[], byte[]> message(RunEvent event) {
        return MESSAGES.json(Topics.RUNS, event.run(), Headers.TYPE_RUN, event);
    }

    private static void send(KafkaProducer<byte[], byte[]> to, ProducerRecord<byte[], byte[]> message) {
        try {
            to.send(message).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException("Interrupted while writing to " + message.topic(), e);
        } catch (ExecutionException e) {
            throw new KafkaException("The broker did not take a message for " + message.topic(), e);
        }
    }
}
