package dev.squadron.trainer.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.SweepBook;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The topic of sweeps: writes it, and keeps the {@link SweepBook} up with it and with the progress of the trials. */
@Startup
@ApplicationScoped
public class SweepLog {
    private final KafkaClients clients;
    private final SweepBook book;
    private final RunLog runs;
    private final List<Consumer<SweepEvent>> watchers = new CopyOnWriteArrayList<>();
    private TopicFollower sweeps;
    private TopicFollower progress;

    SweepLog(KafkaClients clients, SweepBook book, RunLog runs) {
        this.clients = clients;
        this.book = book;
        this.runs = runs;
    }

    @PostConstruct
    void start() {
        sweeps = TopicFollower.start(clients, Topics.SWEEPS, message -> {
            if (message.value() != null) {
                SweepEvent event = ContractJson.read(message.value(), SweepEvent.class);
                book.on(event);
                watchers.forEach(watcher -> watcher.accept(event));
            }
        });
        progress = TopicFollower.start(clients, Topics.PROGRESS, message -> {
            if (message.value() != null) {
                sweeps.caughtUp().join();
                book.on(ContractJson.read(message.value(), Progress.class));
            }
        });
    }

    @PreDestroy
    void stop() {
        sweeps.close();
        progress.close();
    }

    /** Returns whether all that stood in the topics at start is known. */
    public boolean isCaughtUp() {
        return sweeps.isCaughtUp() && progress.isCaughtUp();
    }

    /** Tells {@code watcher} of every change of a sweep from now on. */
    public void watch(Consumer<SweepEvent> watcher) {
        watchers.add(watcher);
    }

    /** Writes a change that somebody asks for, and waits until the broker has it; gives up while that person still waits. */
    public void request(SweepEvent event) {
        runs.request(message(event));
    }

    /** Writes a change that the sweep's own work has come to, and waits until the broker has it. */
    public void publish(SweepEvent event) {
        runs.publish(message(event));
    }

    static ProducerRecord<byte[], byte[]> message(SweepEvent event) {
        return RunLog.MESSAGES.json(Topics.SWEEPS, event.sweep(), Headers.TYPE_SWEEP, event);
    }
}
