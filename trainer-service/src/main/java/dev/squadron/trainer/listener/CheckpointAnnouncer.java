package dev.squadron.trainer.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.run.Recipe.Promote;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.Trainer;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Tells the topic of checkpoints of new ones, and whether they go live. */
@Singleton
final class CheckpointAnnouncer {
    private final Map<String, CheckpointEvent> last = new ConcurrentHashMap<>();
    private final TopicFollower follower;

    CheckpointAnnouncer(KafkaClients clients) {
        follower = TopicFollower.start(clients, Topics.CHECKPOINTS, message -> {
            if (message.value() != null) {
                CheckpointEvent event = ContractJson.read(message.value(), CheckpointEvent.class);
                last.put(event.model(), event);
            }
        });
    }

    @PreDestroy
    void close() {
        follower.close();
    }

    /** Returns whether all that stood in the topic at start is known. */
    boolean isCaughtUp() {
        return follower.isCaughtUp();
    }

    /** Returns the checkpoint that serves; null: the model's own head. */
    CheckpointRef live(String model) {
        CheckpointEvent before = last.get(model);
        return before == null ? null : before.live();
    }

    /**
     * Tells of a checkpoint and of the end of what made it in one transaction: an end without a checkpoint is never seen.
     *
     * @param end what tells of the end
     */
    void announce(
            KafkaProducer<byte[], byte[]> producer,
            String model,
            Trainer.Outcome outcome,
            Promote promote,
            List<ProducerRecord<byte[], byte[]>> end) {
        boolean promoted = promote == Promote.ALWAYS || (promote == Promote.IF_BETTER && outcome.isNoWorse());
        announce(
                producer,
                model,
                outcome,
                promoted ? CheckpointEvent.Type.PROMOTED : CheckpointEvent.Type.CREATED,
                null,
                end);
    }

    /**
     * The same where it is decided already what becomes of the checkpoint.
     *
     * @param reason why the gate refused it; null where it did not
     */
    void announce(
            KafkaProducer<byte[], byte[]> producer,
            String model,
            Trainer.Outcome outcome,
            CheckpointEvent.Type type,
            String reason,
            List<ProducerRecord<byte[], byte[]>> end) {
        CheckpointEvent event = event(model, outcome, type, reason);
        producer.beginTransaction();
        Future<RecordMetadata> unused =
                producer.send(RunLog.MESSAGES.json(Topics.CHECKPOINTS, model, Headers.TYPE_CHECKPOINT, event));
        for (ProducerRecord<byte[], byte[]> each : end) {
            unused = producer.send(each);
        }
        producer.commitTransaction();
        last.put(model, event);
    }

    private CheckpointEvent event(String model, Trainer.Outcome outcome, CheckpointEvent.Type type, String reason) {
        CheckpointEvent before = last.get(model);
        CheckpointRef live = live(model);
        boolean promoted = type == CheckpointEvent.Type.PROMOTED;
        boolean again = outcome.checkpoint().equals(live);
        return new CheckpointEvent(
                type,
                model,
                outcome.checkpoint(),
                promoted ? outcome.checkpoint() : live,
                promoted && !again ? live : before == null ? null : before.previous(),
                outcome.metrics(),
                reason,
                Instant.now());
    }
}
