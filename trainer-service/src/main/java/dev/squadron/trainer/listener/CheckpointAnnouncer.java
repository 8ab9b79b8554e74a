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
        producer.beginTransaction();
        Future<RecordMetadata> unused = producer.send(RunLog.MESSAGES.json(
                Topics.CHECKPOINTS, model, Headers.TYPE_CHECKPOINT, event(model, outcome, promote)));
        for (ProducerRecord<byte[], byte[]> each : end) {
            unused = producer.send(each);
        }
        producer.commitTransaction();
    }

    private CheckpointEvent event(String model, Trainer.Outcome outcome, Promote promote) {
        CheckpointEvent before = last.get(model);
        CheckpointRef live = before == null ? null : before.live();
        boolean promoted = promote == Promote.ALWAYS || (promote == Promote.IF_BETTER && outcome.isNoWorse());
        boolean again = outcome.checkpoint().equals(live);
        return new CheckpointEvent(
                promoted ? CheckpointEvent.Type.PROMOTED : CheckpointEvent.Type.CREATED,
                model,
                outcome.checkpoint(),
                promoted ? outcome.checkpoint() : live,
                promoted && !again ? live : before == null ? null : before.previous(),
                outcome.metrics(),
                null,
                Instant.now());
    }
}
