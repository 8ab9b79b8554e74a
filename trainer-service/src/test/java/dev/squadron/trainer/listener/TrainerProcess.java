package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.Trainer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;

/** A trainer in a process of its own, so that it can be killed. */
final class TrainerProcess {
    static final String READY = "ready";
    static final String CHECKPOINT = "checkpoint ";
    static final String RUN = "run";
    static final String SWEEP = "sweep";

    private TrainerProcess() {}

    /**
     * Carries out a run or a sweep, and prints its checkpoint. A sweep goes on from what the log says of it.
     *
     * @param arguments a folder, that of the model, {@link #RUN} or {@link #SWEEP}, its event, and then names and values of the stack's
     *     settings in turn
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (int i = 4; i < arguments.length; i += 2) {
            settings.put(arguments[i], arguments[i + 1]);
        }
        byte[] event = arguments[3].getBytes(UTF_8);
        try (TrainerFixture fixture = new TrainerFixture(settings, Path.of(arguments[0]), Path.of(arguments[1]))) {
            Trainer trainer = fixture.trainer("killed");
            Trainer.Outcome outcome = arguments[2].equals(SWEEP)
                    ? sweep(fixture.clients, trainer, ContractJson.read(event, SweepEvent.class))
                    : run(trainer, ContractJson.read(event, RunEvent.class));
            System.out.println(CHECKPOINT + outcome.checkpoint().id());
        }
    }

    private static Trainer.Outcome run(Trainer trainer, RunEvent run) {
        System.out.println(READY);
        return trainer.train(run, new Cancellation(), step -> {});
    }

    private static Trainer.Outcome sweep(KafkaClients clients, Trainer trainer, SweepEvent requested) {
        SweepEvent sweep = told(clients, requested.sweep()).orElse(requested);
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            System.out.println(READY);
            return new SweepTrainer(trainer, 2)
                    .train(
                            sweep,
                            new Cancellation(),
                            (trials, best) -> tell(producer, sweep.with(trials, best, Instant.now())),
                            step -> {})
                    .trained();
        }
    }

    private static Optional<SweepEvent> told(KafkaClients clients, String sweep) {
        SweepBook book = new SweepBook();
        try (TopicFollower follower = TopicFollower.start(
                clients, Topics.SWEEPS, message -> book.on(ContractJson.read(message.value(), SweepEvent.class)))) {
            follower.caughtUp().join();
            return book.event(sweep);
        }
    }

    private static void tell(KafkaProducer<byte[], byte[]> producer, SweepEvent sweep) {
        try {
            producer.send(SweepLog.message(sweep)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
