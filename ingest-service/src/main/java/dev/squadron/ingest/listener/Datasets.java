package dev.squadron.ingest.listener;

import dev.squadron.checkpoints.store.StoreUnreachable;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.dataset.DatasetEvent.State;
import dev.squadron.contracts.run.Augmentation;
import dev.squadron.ingest.config.IngestSettings;
import dev.squadron.ingest.domain.Ingestion;
import dev.squadron.ingest.domain.SourceReader;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.TopicFollower;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All data sets and their state, as the log tells it; takes in those that are asked for, and those that a service before this one
 * left open.
 */
@Startup
@ApplicationScoped
public class Datasets {
    private static final Logger LOG = LoggerFactory.getLogger(Datasets.class);

    private static final int CHUNK_RECORDS = 1_000;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final SourceReader reader;
    private final Map<String, DatasetEvent> states = new ConcurrentSkipListMap<>();
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final ExecutorService workers;
    private TopicFollower follower;
    private volatile boolean caughtUp;
    private volatile boolean stopping;

    Datasets(KafkaClients clients, SourceReader reader, IngestSettings settings) {
        this.clients = clients;
        this.reader = reader;
        this.workers = Executors.newFixedThreadPool(settings.concurrentDatasets());
    }

    @PostConstruct
    void start() {
        follower = TopicFollower.start(clients, Topics.DATASETS, this::learn);
        var unused = follower.caughtUp().thenRun(() -> {
            caughtUp = true;
            states.values().stream()
                    .filter(state ->
                            state.state() == State.INGESTING && !state.sources().isEmpty())
                    .forEach(this::goOn);
        });
    }

    @PreDestroy
    void stop() {
        stopping = true;
        workers.shutdownNow();
        follower.close();
    }

    /** Returns whether all that stood in the topic at start is known. */
    public boolean isCaughtUp() {
        return follower.isCaughtUp();
    }

    /** Returns the state of a data set. */
    public Optional<DatasetEvent> state(String dataset) {
        return Optional.ofNullable(states.get(dataset));
    }

    /** Returns the states of all data sets, by name. */
    public Collection<DatasetEvent> states() {
        return List.copyOf(states.values());
    }

    /**
     * Opens a data set and begins to take it in.
     *
     * @param augmentation what is made of its training records besides; null: nothing
     * @param seed of the augmentation
     */
    public DatasetEvent open(String dataset, List<Source> sources, Augmentation augmentation, long seed) {
        DatasetEvent opened = DatasetEvent.opened(
                dataset, sources, augmentation, seed, Clock.systemUTC().instant());
        try (KafkaRecordLog log = new KafkaRecordLog(clients, dataset, Patience.REQUEST)) {
            log.write(opened);
        }
        states.merge(dataset, opened, Datasets::later);
        goOn(opened);
        return opened;
    }

    /** Seals a data set whose records others have written to the topic. */
    public DatasetEvent seal(String dataset) {
        DatasetEvent sealed = new DatasetEvent(
                dataset,
                State.SEALED,
                List.of(),
                null,
                0,
                0,
                Map.of(),
                0,
                Map.of(),
                0,
                0,
                null,
                Clock.systemUTC().instant());
        try (KafkaRecordLog log = new KafkaRecordLog(clients, dataset, Patience.REQUEST)) {
            log.sealWithoutCounts(sealed);
        }
        states.merge(dataset, sealed, Datasets::later);
        return sealed;
    }

    /** Asks a data set that is being taken in to stop. */
    public void cancel(String dataset) {
        cancelled.add(dataset);
    }

    private void goOn(DatasetEvent from) {
        if (running.add(from.dataset())) {
            workers.execute(() -> ingest(from));
        }
    }

    /** Goes on until the data set is sealed, failed or cancelled, however often the broker or the bucket go away meanwhile. */
    private void ingest(DatasetEvent from) {
        String dataset = from.dataset();
        LOG.info("Data set {}: reading on from record {}", dataset, from.position());
        try {
            for (boolean again = false; !stopping; again = true) {
                if (isTakenIn(dataset, again)) {
                    LOG.info("Data set {}: {}", dataset, states.get(dataset));
                    return;
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Data set {} is left open and goes on when the service starts again: {}", dataset, e, e);
        } finally {
            running.remove(dataset);
        }
    }

    /** Returns false where the broker or the bucket went away; whether it took the last chunk is then read from the topic. */
    private boolean isTakenIn(String dataset, boolean again) {
        try (KafkaRecordLog log = new KafkaRecordLog(clients, dataset, Patience.WORK)) {
            if (again) {
                readStates();
            }
            new Ingestion(
                            states.get(dataset),
                            reader,
                            log,
                            Clock.systemUTC(),
                            CHUNK_RECORDS,
                            () -> cancelled.contains(dataset),
                            state -> states.merge(dataset, state, Datasets::later))
                    .run();
            return true;
        } catch (ProducerFencedException e) {
            LOG.warn("Data set {} is taken in by another replica now", dataset);
            return true;
        } catch (KafkaException | StoreUnreachable e) {
            LOG.warn("Data set {}: {}; going on in {} s", dataset, e.toString(), PAUSE.toSeconds());
            return false;
        }
    }

    private void readStates() {
        try (TopicFollower once = TopicFollower.start(clients, Topics.DATASETS, this::learn)) {
            once.caughtUp().join();
        }
    }

    private void learn(ConsumerRecord<byte[], byte[]> message) throws InvalidMessage {
        if (message.value() != null) {
            DatasetEvent event = ContractJson.read(message.value(), DatasetEvent.class);
            DatasetEvent state = states.merge(event.dataset(), event, Datasets::later);
            if (caughtUp && isAskedFor(state)) {
                goOn(state);
            }
        }
    }

    /** A run asks for the augmented form of its data set by opening it. Of several replicas the last to begin goes on. */
    private static boolean isAskedFor(DatasetEvent event) {
        return event.state() == State.INGESTING && event.position() == 0 && event.augmentation() != null;
    }

    private static DatasetEvent later(DatasetEvent known, DatasetEvent next) {
        return next.at().isBefore(known.at()) ? known : next;
    }
}
