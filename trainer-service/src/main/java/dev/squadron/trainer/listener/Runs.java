package dev.squadron.trainer.listener;

import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Recipe.Promote;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.continuous.Verdict;
import dev.squadron.trainer.domain.mlflow.MlflowTracking;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs as jobs: from the request to the checkpoint. */
@Singleton
final class Runs {
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);
    private static final String OVERTAKEN =
            "Another head has gone live meanwhile; the new records are folded into that one.";

    private final RunBook book;
    private final RunLog log;
    private final Trainer trainer;
    private final AugmentedForms forms;
    private final CheckpointAnnouncer announcer;
    private final TrainerObserver observer;
    private final Optional<MlflowTracking> tracking;

    Runs(
            RunBook book,
            RunLog log,
            Trainer trainer,
            AugmentedForms forms,
            CheckpointAnnouncer announcer,
            TrainerObserver observer,
            Optional<MlflowTracking> tracking) {
        this.book = book;
        this.log = log;
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

    /** Returns the oldest run that has not come to an end. */
    Stream<Job> next() {
        return book.next().<Job>map(RunJob::new).stream();
    }

    /** Returns the name of a run's job. */
    static String jobName(RunEvent run) {
        return "run " + run.run();
    }

    private final class RunJob implements Job {
        private final RunEvent run;

        RunJob(RunEvent run) {
            this.run = run;
        }

        @Override
        public String name() {
            return jobName(run);
        }

        @Override
        public boolean isBegun() {
            return run.state() != State.REQUESTED;
        }

        @Override
        public Instant at() {
            return run.at();
        }

        @Override
        public void carryOut(KafkaProducer<byte[], byte[]> producer, Cancellation cancellation) {
            LOG.info("Run {}: training the head of {} on {}", run.run(), run.model(), run.dataset());
            tracking.ifPresent(each -> each.track(run));
            try {
                train(producer, cancellation);
            } catch (Cancelled e) {
                tracking.ifPresent(each -> each.release(run));
                throw e;
            }
        }

        private void train(KafkaProducer<byte[], byte[]> producer, Cancellation cancellation) {
            if (!isBegun()) {
                log.publish(run.to(State.RUNNING, null, null, Instant.now()));
            }
            forms.await(run, producer, cancellation);
            Trainer.Outcome outcome = trainer.train(run.onItsExamples(), cancellation, log::publish);
            cancellation.check();
            String checkpoint = outcome.checkpoint().id();
            log.flush();
            if (run.fold() == null) {
                announce(producer, outcome, run.recipe().promote(), null);
            } else {
                announceFold(producer, outcome);
            }
            LOG.info("Run {}: checkpoint {}, {}", run.run(), checkpoint, outcome.metrics());
        }

        /** The gate decides, unless another head than the one that it measured by has gone live. */
        private void announceFold(KafkaProducer<byte[], byte[]> producer, Trainer.Outcome outcome) {
            if (!Objects.equals(announcer.live(run.model()), run.fold().parent())) {
                announce(producer, outcome, Promote.NEVER, OVERTAKEN);
                return;
            }
            Verdict verdict = Verdict.of(run.fold().gate(), outcome.metrics());
            RunEvent end = succeeded(run.judged(verdict.admitted()), outcome, verdict.reason());
            announcer.announce(
                    producer,
                    run.model(),
                    outcome,
                    verdict.admitted() ? CheckpointEvent.Type.PROMOTED : CheckpointEvent.Type.REJECTED,
                    verdict.admitted() ? null : verdict.reason(),
                    messages(end, outcome));
            observer.ended(end);
        }

        private void announce(
                KafkaProducer<byte[], byte[]> producer, Trainer.Outcome outcome, Promote promote, String message) {
            RunEvent end = succeeded(run, outcome, message);
            announcer.announce(producer, run.model(), outcome, promote, messages(end, outcome));
            observer.ended(end);
        }

        private RunEvent succeeded(RunEvent event, Trainer.Outcome outcome, String message) {
            return event.to(State.SUCCEEDED, outcome.checkpoint().id(), message, Instant.now());
        }

        private List<ProducerRecord<byte[], byte[]>> messages(RunEvent end, Trainer.Outcome outcome) {
            return List.of(RunLog.message(end), RunLog.message(Progress.done(run.run(), outcome.metrics(), end.at())));
        }

        @Override
        public void fail(String why) {
            RunEvent end = run.to(State.FAILED, null, why, Instant.now());
            log.publish(end);
            observer.ended(end);
        }
    }
}
