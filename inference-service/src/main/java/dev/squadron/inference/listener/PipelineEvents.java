package dev.squadron.inference.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.run.Progress;
import dev.squadron.inference.domain.EventFeed;
import dev.squadron.inference.domain.EventFeed.Kind;
import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.kit.kafka.TopicFollower;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Follows what the other services tell: checkpoints for serving, all of it for the page. */
@ApplicationScoped
public class PipelineEvents {
    private final KafkaClients clients;
    private final HeadSwap swap;
    private final EventFeed feed;
    private final List<TopicFollower> followers = new ArrayList<>();

    PipelineEvents(KafkaClients clients, HeadSwap swap, EventFeed feed) {
        this.clients = clients;
        this.swap = swap;
        this.feed = feed;
    }

    void start(@Observes StartupEvent event) {
        feed.add(Kind.MODEL, swap.state().model(), swap.state());
        TopicFollower checkpoints = TopicFollower.start(clients, Topics.CHECKPOINTS, this::checkpoint);
        var unused = checkpoints.caughtUp().thenRun(swap::caughtUp);
        followers.add(checkpoints);
        followers.add(TopicFollower.start(clients, Topics.PROGRESS, this::progress));
        followers.add(TopicFollower.start(clients, Topics.DATASETS, this::dataset));
    }

    @PreDestroy
    void stop() {
        followers.forEach(TopicFollower::close);
    }

    private void checkpoint(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        if (isOf(message, Headers.TYPE_CHECKPOINT)) {
            CheckpointEvent event = ContractJson.read(message.value(), CheckpointEvent.class);
            swap.on(event);
            feed.add(Kind.CHECKPOINT, event.model(), event);
        }
    }

    private void progress(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        if (isOf(message, Headers.TYPE_PROGRESS)) {
            Progress event = ContractJson.read(message.value(), Progress.class);
            feed.add(Kind.PROGRESS, event.run(), event);
        }
    }

    private void dataset(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        if (isOf(message, Headers.TYPE_DATASET)) {
            DatasetEvent event = ContractJson.read(message.value(), DatasetEvent.class);
            feed.add(Kind.DATASET, event.dataset(), event);
        }
    }

    /** A message that does not tell its kind is what its topic carries; one without a value is a deletion. */
    private static boolean isOf(ConsumerRecord<byte[], byte[]> message, String type) {
        return message.value() != null
                && Messages.type(message).map(type::equals).orElse(true);
    }
}
