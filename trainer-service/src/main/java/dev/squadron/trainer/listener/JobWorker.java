package dev.squadron.trainer.listener;

import dev.squadron.checkpoints.store.StoreUnreachable;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Membership;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.Work;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out runs and sweeps, one after the other, in the replica that owns them: the member of the consumer group {@value #GROUP} that
 * holds the partition of the runs topic. The work stops as soon as the partition goes to another replica.
 */
@Startup
@ApplicationScoped
public class JobWorker implements Membership.Listener {
    private static final String GROUP = "squadron-trainer";
    private static final Logger LOG = LoggerFactory.getLogger(JobWorker.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** What was begun goes on; then what waits longest. Folds are asked for when nobody waits for anything. */
    private static final Comparator<Job> ORDER =
            Comparator.comparing(Job::isBegun).reversed().thenComparing(Job::at);

    private final KafkaClients clients;
    private final RunLog runLog;
    private final SweepLog sweepLog;
    private final Runs runs;
    private final Sweeps sweeps;
    private final ContinuousMode continuous;
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final Work work = new Work();
    private Membership membership;

    JobWorker(
            KafkaClients clients,
            RunLog runLog,
            SweepLog sweepLog,
            Runs runs,
            Sweeps sweeps,
            ContinuousMode continuous) {
        this.clients = clients;
        this.runLog = runLog;
        this.sweepLog = sweepLog;
        this.runs = runs;
        this.sweeps = sweeps;
        this.continuous = continuous;
    }

    @PostConstruct
    void start() {
        runLog.watch(event -> {
            if (event.state() == State.CANCELLED) {
                work.cancel(Runs.jobName(event));
            }
        });
        sweepLog.watch(event -> {
            if (event.state() == State.CANCELLED) {
                work.cancel(Sweeps.jobName(event));
            }
        });
        membership = Membership.join(clients, GROUP, Topics.RUNS, this);
    }

    @PreDestroy
    void stop() {
        membership.close();
    }

    @Override
    public void onPoll(Set<Integer> held) {
        if (!held.isEmpty() && work.isIdle() && runs.isCaughtUp() && sweeps.isCaughtUp()) {
            List<Job> asked = Stream.concat(runs.next(), sweeps.next()).toList();
            (asked.isEmpty() ? continuous.next() : asked.stream())
                    .filter(job -> !ended.contains(job.name()))
                    .min(ORDER)
                    .ifPresent(job -> work.begin(job.name(), cancellation -> carryOut(job, cancellation)));
        }
    }

    @Override
    public void onRevoked() {
        work.stop();
        continuous.rest();
    }

    private void carryOut(Job job, Cancellation cancellation) {
        try {
            attempt(job, cancellation);
        } catch (Cancelled e) {
            LOG.info("The {} was stopped", job.name());
        } catch (RuntimeException e) {
            LOG.error("The {} failed: {}", job.name(), e.getMessage(), e);
            job.fail(e.getMessage());
            ended.add(job.name());
        }
    }

    /** Returns early where the broker or the bucket went away: the job is not ended, so it is taken up again where it stands. */
    private void attempt(Job job, Cancellation cancellation) {
        try (KafkaProducer<byte[], byte[]> producer = clients.transactionalProducer(GROUP, Patience.WORK)) {
            job.carryOut(producer, cancellation);
            ended.add(job.name());
        } catch (KafkaException | StoreUnreachable e) {
            LOG.warn("The {}: {}; going on in {} s", job.name(), e.toString(), PAUSE.toSeconds());
            cancellation.pause(PAUSE);
        }
    }
}
