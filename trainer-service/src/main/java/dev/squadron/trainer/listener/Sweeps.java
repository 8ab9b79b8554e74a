package dev.squadron.trainer.listener;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.mlflow.MlflowTracking;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sweeps as jobs: from the request to the checkpoint of the best trial. */
@Singleton
final class Sweeps {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeps.class);

    /** At most so often the trials are told of, all of them at once. */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final SweepBook book;
    private final SweepLog log;
    private final RunLog runs;
    private final SweepTrainer trainer;
    private final AugmentedForms forms;
    private final CheckpointAnnouncer announcer;
    private final TrainerObserver observer;
    private final Optional<MlflowTracking> tracking;

    Sweeps(
            SweepBook book,
            SweepLog log,
            RunLog runs,
            SweepTrainer trainer,
            AugmentedForms forms,
            CheckpointAnnouncer announcer,
            TrainerObserver observer,
            Optional<MlflowTracking> tracking) {
        this.book = book;
        this.log = log;
        this.runs = runs;
        this.trainer = trainer;
        this.forms = forms;
        this.announcer = announcer;
        this.observer = observer;
        this.tracking = tracking;
    }

    /** Returns whether all that stood in the topics at start is known. */
    boolean isCaughtUp() {
        return log.isCaughtUp() && announcer.isCaughtUp();
    }

    /** Returns the oldest sweep that has not come to an end. */
    Stream<Job> next() {
        return book.next().<Job>map(SweepJob::new).stream();
    }

    /** Returns the name of a sweep's job. */
    static String jobName(SweepEvent sweep) {
        return "sweep " + sweep.sweep();
    }

    private final class SweepJob implements Job {
        private SweepEvent sweep;
        private long told;

        SweepJob(SweepEvent sweep) {
            this.sweep = sweep;
        }

        @Override
        public String name() {
            return jobName(sweep);
        }

        @Override
        public boolean isBegun() {
            return sweep.state() != State.REQUESTED;
        }

        @Override
        public Instant at() {
            return sweep.at();
        }

        @Override
        public void carryOut(KafkaProducer<byte[], byte[]> producer, Cancellation cancellation) {
            LOG.info("Sweep {}: {} trials on {}", sweep.sweep(), sweep.plan().trials(), sweep.dataset());
            tracking.ifPresent(each -> each.track(sweep));
            if (!isBegun()) {
                change(sweep.to(State.RUNNING, null, Instant.now()));
            }
            try {
                SweepTrainer.groups(sweep).forEach(trial -> forms.await(trial, producer, cancellation));
                SweepTrainer.Outcome outcome = trainer.train(sweep, cancellation, this::tell, runs::publish);
                cancellation.check();
                announce(producer, outcome);
            } catch (Cancelled e) {
                tracking.ifPresent(each -> each.release(sweep));
                book.event(sweep.sweep())
                        .filter(event -> event.state() == State.CANCELLED)
                        .ifPresent(log::publish);
                throw e;
            }
        }

        private void announce(KafkaProducer<byte[], byte[]> producer, SweepTrainer.Outcome outcome) {
            String checkpoint = outcome.trained().checkpoint().id();
            Instant now = Instant.now();
            SweepEvent end = new SweepEvent(
                    sweep.sweep(),
                    sweep.dataset(),
                    sweep.model(),
                    sweep.plan(),
                    State.SUCCEEDED,
                    outcome.trials(),
                    outcome.best(),
                    checkpoint,
                    null,
                    now);
            Progress done =
                    Progress.done(sweep.runOf(outcome.best()), outcome.trained().metrics(), now);
            announcer.announce(
                    producer,
                    sweep.model(),
                    outcome.trained(),
                    outcome.promote(),
                    List.of(SweepLog.message(end), RunLog.message(done)));
            observer.ended(end);
            LOG.info(
                    "Sweep {}: trial {} is the best: checkpoint {}, {}",
                    sweep.sweep(),
                    outcome.best(),
                    checkpoint,
                    outcome.trained().metrics());
        }

        /** What is not told, because it comes soon after something else, is told with the next change. */
        private void tell(List<Trial> trials, Integer best) {
            sweep = sweep.with(trials, best, Instant.now());
            if (System.nanoTime() - told > INTERVAL.toNanos()) {
                change(sweep);
            }
        }

        private void change(SweepEvent event) {
            sweep = event;
            log.publish(event);
            told = System.nanoTime();
        }

        @Override
        public void fail(String why) {
            SweepEvent end = sweep.to(State.FAILED, why, Instant.now());
            log.publish(end);
            observer.ended(end);
        }
    }
}
