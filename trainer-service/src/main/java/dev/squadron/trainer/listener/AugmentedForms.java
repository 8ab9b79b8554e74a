package dev.squadron.trainer.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.run.Augmentation;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Sees to it that the augmented forms of data sets that recipes ask for are there: opens them by an event; ingest takes them in. */
@Singleton
final class AugmentedForms implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(250);

    private final TopicFollower follower;
    private final Map<String, DatasetEvent> states = new ConcurrentHashMap<>();

    AugmentedForms(KafkaClients clients) {
        follower = TopicFollower.start(clients, Topics.DATASETS, this::learn);
    }

    /**
     * Returns once the examples of a run are complete, where they are those of an augmented form.
     *
     * @param producer within no transaction
     * @throws IncompleteDataset where the data set cannot be augmented
     */
    void await(RunEvent run, KafkaProducer<byte[], byte[]> producer, Cancellation cancellation) {
        Augmentation plan = run.recipe().augmentation();
        if (plan == null) {
            return;
        }
        while (!follower.isCaughtUp() || !states.containsKey(run.dataset())) {
            cancellation.pause(POLL);
        }
        DatasetEvent original = states.get(run.dataset());
        if (original.sources().isEmpty()) {
            throw new IncompleteDataset("The data set " + run.dataset()
                    + " was written to the topic by other producers, so that there are no sources to augment; ingest it from a"
                    + " file, or leave augmentation out of the recipe.");
        }
        DatasetEvent form = original.augmentedForm(plan, run.recipe().seed(), Instant.now());
        if (!states.containsKey(form.dataset())) {
            producer.beginTransaction();
            Future<RecordMetadata> unused =
                    producer.send(RunLog.MESSAGES.json(Topics.DATASETS, form.dataset(), Headers.TYPE_DATASET, form));
            producer.commitTransaction();
        }
        while (!isComplete(form.dataset())) {
            cancellation.pause(POLL);
        }
    }

    @Override
    @PreDestroy
    public void close() {
        follower.close();
    }

    private boolean isComplete(String form) {
        DatasetEvent state = states.get(form);
        if (state == null || state.state() == DatasetEvent.State.INGESTING) {
            return false;
        }
        if (state.state() != DatasetEvent.State.SEALED) {
            throw new IncompleteDataset(
                    "The augmented data set " + form + " is " + state.state().label() + ": " + state.message());
        }
        return true;
    }

    private void learn(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        if (message.value() != null) {
            DatasetEvent event = ContractJson.read(message.value(), DatasetEvent.class);
            states.put(event.dataset(), event);
        }
    }
}
