package dev.squadron.trainer.listener;

import dev.squadron.checkpoints.store.StoreUnreachable;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Recipe.Promote;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Membership;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.Work;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the runs, one after the other, in the replica that owns them: the member of the consumer group {@value #GROUP} that
 * holds the partition of the runs topic. The work stops as soon as the partition goes to another replica.
 */
@Startup
@ApplicationScoped
public class RunWorker implements Membership.Listener {
    private static final String GROUP = "squadron-trainer";
    private static final Logger LOG = LoggerFactory.getLogger(RunWorker.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final RunBook book;
    private final RunLog log;
    private final Trainer trainer;
    private final Map<String, CheckpointEvent> checkpoints = new ConcurrentHashMap<>();
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final Work work = new Work();
    private Membership membership;
    private TopicFollower follower;
    private AugmentedForms forms;

    RunWorker(KafkaClients clients, RunBook book, RunLog log, Trainer trainer) {
        this.clients = clients;
        this.book = book;
        this.log = log;
        this.trainer = trainer;
    }

    @PostConstruct
    void start() {
        follower = TopicFollower.start(clients, Topics.CHECKPOINTS, message -> {
            if (message.value() != null) {
                CheckpointEvent event = ContractJson.read(message.value(), CheckpointEvent.class);
                checkpoints.put(event.model(), event);
            }
        });
        forms = new AugmentedForms(clients);
        log.watch(this::stopIfCancelled);
        membership = Membership.join(clients, GROUP, Topics.RUNS, this);
    }

    @PreDestroy
    void stop() {
        membership.close();
        forms.close();
        follower.close();
    }

    @Override
    public void onPoll(Set<Integer> held) {
        if (!held.isEmpty() && work.isIdle() && log.isCaughtUp() && follower.isCaughtUp()) {
            book.next()
                    .filter(run -> !ended.contains(run.run()))
                    .ifPresent(run -> work.begin(run.run(), cancellation -> carryOut(run, cancellation)));
        }
    }

    @Override
    public void onRevoked() {
        work.stop();
    }

    private void stopIfCancelled(RunEvent event) {
        if (event.state() == State.CANCELLED) {
            work.cancel(event.run());
        }
    }

    private void carryOut(RunEvent run, Cancellation cancellation) {
        try {
            train(run, cancellation);
        } catch (Cancelled e) {
            LOG.info("Run {} was stopped", run.run());
        } catch (RuntimeException e) {
            LOG.error("Run {} failed: {}", run.run(), e.getMessage(), e);
            log.publish(run.to(State.FAILED, null, e.getMessage(), Instant.now()));
            ended.add(run.run());
        }
    }

    /** Returns early where the broker or the bucket went away: the run is not ended, so it is taken up again where it stands. */
    private void train(RunEvent run, Cancellation cancellation) {
        try (KafkaProducer<byte[], byte[]> producer = clients.transactionalProducer(GROUP, Patience.WORK)) {
            LOG.info("Run {}: training the head of {} on {}", run.run(), run.model(), run.dataset());
            if (run.state() == State.REQUESTED) {
                log.publish(run.to(State.RUNNING, null, null, Instant.now()));
            }
            forms.await(run, producer, cancellation);
            Trainer.Outcome outcome = trainer.train(run.onItsExamples(), cancellation, log::publish);
            cancellation.check();
            announce(producer, run, outcome);
            ended.add(run.run());
            LOG.info(
                    "Run {}: checkpoint {}, {}", run.run(), outcome.checkpoint().id(), outcome.metrics());
        } catch (KafkaException | StoreUnreachable e) {
            LOG.warn("Run {}: {}; going on in {} s", run.run(), e.toString(), PAUSE.toSeconds());
            cancellation.pause(PAUSE);
        }
    }

    /** The checkpoint's event and the run's end are one transaction: an end without a checkpoint, or without its last step, is never seen. */
    private void announce(KafkaProducer<byte[], byte[]> producer, RunEvent run, Trainer.Outcome outcome) {
        log.flush();
        producer.beginTransaction();
        Future<RecordMetadata> unused = producer.send(RunLog.MESSAGES.json(
                Topics.CHECKPOINTS, run.model(), Headers.TYPE_CHECKPOINT, checkpointEvent(run, outcome)));
        unused = producer.send(
                RunLog.message(run.to(State.SUCCEEDED, outcome.checkpoint().id(), null, Instant.now())));
        unused = producer.send(RunLog.message(done(run, outcome)));
        producer.commitTransaction();
    }

    private CheckpointEvent checkpointEvent(RunEvent run, Trainer.Outcome outcome) {
        CheckpointEvent last = checkpoints.get(run.model());
        CheckpointRef live = last == null ? null : last.live();
        boolean promoted = run.recipe().promote() == Promote.ALWAYS
                || (run.recipe().promote() == Promote.IF_BETTER && outcome.isNoWorse());
        boolean again = outcome.checkpoint().equals(live);
        return new CheckpointEvent(
                promoted ? CheckpointEvent.Type.PROMOTED : CheckpointEvent.Type.CREATED,
                run.model(),
                outcome.checkpoint(),
                promoted ? outcome.checkpoint() : live,
                promoted && !again ? live : last == null ? null : last.previous(),
                outcome.metrics(),
                null,
                Instant.now());
    }

    private static Progress done(RunEvent run, Trainer.Outcome outcome) {
        return new Progress(
                run.run(),
                Progress.Stage.DONE,
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                outcome.metrics(),
                Instant.now());
    }
}
