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
    private final Optional<MlflowTracking> tracking;

    Runs(
            RunBook book,
            RunLog log,
            Trainer trainer,
            AugmentedForms forms,
            CheckpointAnnouncer announcer,
            Optional<MlflowTracking> tracking) {
        this.book = book;
        this.log = log;
        this.trainer = trainer;
        this.forms = forms;
        this.announcer = announcer;
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
                tracking.ifPresent(each -> each.release(run.run()));
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
                announcer.announce(producer, run.model(), outcome, run.recipe().promote(), end(run, outcome, null));
            } else {
                announceFold(producer, outcome);
            }
            LOG.info("Run {}: checkpoint {}, {}", run.run(), checkpoint, outcome.metrics());
        }

        /** The gate decides, unless another head than the one that it measured by has gone live. */
        private void announceFold(KafkaProducer<byte[], byte[]> producer, Trainer.Outcome outcome) {
            if (!Objects.equals(announcer.live(run.model()), run.fold().parent())) {
                announcer.announce(producer, run.model(), outcome, Promote.NEVER, end(run, outcome, OVERTAKEN));
                return;
            }
            Verdict verdict = Verdict.of(run.fold().gate(), outcome.metrics());
            announcer.announce(
                    producer,
                    run.model(),
                    outcome,
                    verdict.admitted() ? CheckpointEvent.Type.PROMOTED : CheckpointEvent.Type.REJECTED,
                    verdict.admitted() ? null : verdict.reason(),
                    end(run.judged(verdict.admitted()), outcome, verdict.reason()));
        }

        private List<ProducerRecord<byte[], byte[]>> end(RunEvent event, Trainer.Outcome outcome, String message) {
            return List.of(
                    RunLog.message(
                            event.to(State.SUCCEEDED, outcome.checkpoint().id(), message, Instant.now())),
                    RunLog.message(Progress.done(run.run(), outcome.metrics(), Instant.now())));
        }

        @Override
        public void fail(String why) {
            log.publish(run.to(State.FAILED, null, why, Instant.now()));
        }
    }
}
