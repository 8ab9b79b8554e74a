package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenBatches;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.record.Split;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.continuous.Backlog;
import dev.squadron.trainer.domain.continuous.FoldPlan;
import dev.squadron.trainer.domain.continuous.Folds;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for folds: watches the token batches of the streams from where the last fold has been, in the replica that owns the runs.
 * What is folded in stands in the runs themselves, so a replica that takes over goes on where the one before it was.
 */
@Singleton
final class ContinuousMode {
    private static final Logger LOG = LoggerFactory.getLogger(ContinuousMode.class);
    private static final Duration LOOK = Duration.ofMillis(50);

    private final KafkaClients clients;
    private final RunBook book;
    private final CheckpointAnnouncer announcer;
    private final CheckpointStore checkpoints;
    private final FoldPlan plan;
    private volatile CheckpointRef blocker;
    private Backlog backlog;
    private TopicFollower follower;

    ContinuousMode(
            KafkaClients clients,
            RunBook book,
            CheckpointAnnouncer announcer,
            CheckpointStore checkpoints,
            FoldPlan plan) {
        this.clients = clients;
        this.book = book;
        this.announcer = announcer;
        this.checkpoints = checkpoints;
        this.plan = plan;
    }

    /** Returns the job of asking for a fold, if it is time for one; this replica owns the runs, and none waits. */
    synchronized Stream<Job> next() {
        if (plan.streams().isEmpty()) {
            return Stream.empty();
        }
        if (follower == null) {
            backlog = new Backlog(plan.records(), plan.after());
            follower = TopicFollower.start(
                    clients, Topics.TOKEN_BATCHES, new Folds(book.events(), plan.model()).position(), this::take);
        }
        if (backlog.isEmpty() || isBlocked()) {
            return Stream.empty();
        }
        Folds folds = new Folds(book.events(), plan.model());
        backlog.settle(folds.position(), folds.failed());
        Instant now = Instant.now();
        return Stream.of(backlog.due(now))
                .filter(fresh -> !fresh.isEmpty())
                .flatMap(fresh -> plan.fold(book.events(), announcer.live(plan.model()), fresh, now).stream())
                .map(Request::new);
    }

    /** Returns whether new records wait because what serves is no head that they could be folded into. */
    boolean isBlocked() {
        return blocker != null && blocker.equals(announcer.live(plan.model()));
    }

    /** Asks for a fold, unless what serves turns out to be no head. */
    private final class Request implements Job {
        private final RunEvent fold;

        Request(RunEvent fold) {
            this.fold = fold;
        }

        @Override
        public String name() {
            return "request of " + fold.run();
        }

        @Override
        public boolean isBegun() {
            return false;
        }

        @Override
        public Instant at() {
            return fold.at();
        }

        @Override
        public void carryOut(KafkaProducer<byte[], byte[]> producer, Cancellation cancellation) {
            CheckpointRef parent = fold.fold().parent();
            String kind = parent == null
                    ? Tune.HEAD.label()
                    : checkpoints.manifest(parent).kind();
            if (!kind.equals(Tune.HEAD.label())) {
                LOG.warn(
                        "New records wait: the checkpoint {} that serves is of the kind {}, and only a head takes them in;"
                                + " promote a head, or go back to one",
                        parent.id(),
                        kind);
                blocker = parent;
                return;
            }
            producer.beginTransaction();
            Future<RecordMetadata> unused = producer.send(RunLog.message(fold));
            producer.commitTransaction();
            while (book.event(fold.run()).isEmpty()) {
                cancellation.pause(LOOK);
            }
        }

        @Override
        public void fail(String why) {
            LOG.error(
                    "No fold could be asked for: {} New records wait until another checkpoint serves or this service is"
                            + " started again",
                    why);
            blocker = fold.fold().parent();
        }
    }

    /** Watches no longer: another replica owns the runs. */
    @PreDestroy
    synchronized void rest() {
        if (follower != null) {
            follower.close();
            follower = null;
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        boolean isOfAStream = message.key() != null && plan.streams().contains(new String(message.key(), UTF_8));
        if (isOfAStream
                && Messages.type(message)
                        .filter(Headers.TYPE_TOKEN_BATCH::equals)
                        .isPresent()) {
            TokenBatch batch = TokenBatches.read(message.value());
            if (batch.getSplit().equals(Split.TRAIN.label())) {
                backlog.add(
                        message.partition(),
                        message.offset(),
                        batch.getExamplesList().stream()
                                .map(example -> batch.getDataset() + "/" + example.getRecordId())
                                .toList(),
                        Instant.ofEpochMilli(message.timestamp()));
            }
        }
    }
}
