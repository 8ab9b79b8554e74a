package dev.squadron.trainer.domain.features;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureIndex.Place;
import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureShard;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.dataset.Dataset.Part;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import dev.squadron.trainer.domain.dataset.DatasetReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the features of a data set. Replicas share the work of computing them, each the partitions that it holds; what none of
 * them computes in time, and shards that are lost or corrupt, are computed here.
 */
public final class FeatureLoading {
    private static final Logger LOG = LoggerFactory.getLogger(FeatureLoading.class);
    private static final int ATTEMPTS = 3;
    private static final Duration LOOK = Duration.ofMillis(300);

    private final FeatureExtraction extraction;
    private final FeatureStore store;
    private final FeatureSet set;
    private final DatasetReader reader;
    private final Duration patience;
    private final TrainerObserver observer;

    /** Is told how far it is. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Examples have their features.
         *
         * @param done how many
         * @param all an estimate of how many there are
         */
        void onExamples(long done, long all);
    }

    /** A shard that cannot be opened. */
    private static final class BrokenShard extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Place place;

        BrokenShard(Place place, StoreException cause) {
            super(cause);
            this.place = place;
        }
    }

    /** @param patience how long other replicas are waited for while nothing comes; zero where there are none */
    public FeatureLoading(
            FeatureExtraction extraction,
            FeatureStore store,
            FeatureSet set,
            DatasetReader reader,
            Duration patience,
            TrainerObserver observer) {
        this.extraction = extraction;
        this.store = store;
        this.set = set;
        this.reader = reader;
        this.patience = patience;
        this.observer = observer;
    }

    /**
     * Opens the features of a data set.
     *
     * @throws StoreException when a shard stays broken however often it is computed
     */
    public FeatureData load(String dataset, Cancellation cancellation, Listener listener) {
        FeatureIndex index = extraction.index();
        awaitOthers(dataset, index, cancellation, listener);
        return load(index, () -> extract(dataset, index, cancellation, listener));
    }

    /**
     * Opens the features of the training examples of open data sets. There are few of them: all are computed here.
     *
     * @param streams the names of the data sets
     * @throws StoreException when a shard stays broken however often it is computed
     */
    public FeatureData load(List<String> streams, List<PartitionRange> ranges, Cancellation cancellation) {
        FeatureIndex index = extraction.index();
        return load(
                index,
                () -> Dataset.of(
                        String.join("+", streams),
                        ranges.stream()
                                .map(range -> new Part(
                                        extraction.extract(streams, range, index, cancellation), List.of(), range))
                                .toList()));
    }

    /** Reads examples, with their features in the store and {@code index}, and opens those; again where a shard is broken. */
    private FeatureData load(FeatureIndex index, Supplier<Dataset> reading) {
        for (int attempt = 1; ; attempt++) {
            Dataset read = reading.get();
            try {
                Map<StoredObject, FeatureShard> shards = new HashMap<>();
                List<FeatureExample> train = open(read.train(), index, shards);
                List<FeatureExample> validation = open(read.validation(), index, shards);
                int gone = store.used(set, reader.partitions(), shards.keySet());
                if (gone > 0) {
                    LOG.info("{} shards of {} that no run has used for longest leave the bucket", gone, set.model());
                }
                observer.opened(train.size() + validation.size());
                return new FeatureData(read, train, validation);
            } catch (BrokenShard e) {
                if (attempt == ATTEMPTS) {
                    throw (StoreException) e.getCause();
                }
                LOG.warn("{} Its features are computed again.", e.getCause().getMessage());
                store.drop(set, e.place.segment(), e.place.shard());
                index.remove(e.place.shard());
            }
        }
    }

    /** Returns once all features are there, or nothing has come for {@link #patience}. */
    private void awaitOthers(String dataset, FeatureIndex index, Cancellation cancellation, Listener listener) {
        if (patience.isZero()) {
            return;
        }
        int partitions = reader.partitions();
        Set<FeatureKey> missing = new HashSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            reader.read(dataset, partition, false, cancellation, batch -> batch.stream()
                    .map(DatasetExample::key)
                    .filter(key -> index.find(key).isEmpty())
                    .forEach(missing::add));
        }
        int all = missing.size();
        long lastNews = System.nanoTime();
        while (!missing.isEmpty() && System.nanoTime() - lastNews < patience.toNanos()) {
            cancellation.pause(LOOK);
            IntStream.range(0, partitions).forEach(partition -> index.add(store.segment(set, partition)));
            if (missing.removeIf(key -> index.find(key).isPresent())) {
                lastNews = System.nanoTime();
                listener.onExamples(all - missing.size(), all);
            }
        }
        if (!missing.isEmpty()) {
            LOG.warn(
                    "{} examples of {} have no features yet and none came for {} s; computing them here",
                    missing.size(),
                    dataset,
                    patience.toSeconds());
        }
    }

    private Dataset extract(String dataset, FeatureIndex index, Cancellation cancellation, Listener listener) {
        int partitions = reader.partitions();
        AtomicLong done = new AtomicLong();
        List<Part> parts = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            int begun = partition + 1;
            parts.add(extraction.extract(
                    dataset,
                    partition,
                    index,
                    cancellation,
                    more -> listener.onExamples(done.addAndGet(more), done.get() * partitions / begun)));
        }
        return Dataset.of(dataset, parts);
    }

    private List<FeatureExample> open(
            List<DatasetExample> examples, FeatureIndex index, Map<StoredObject, FeatureShard> shards)
            throws BrokenShard {
        FeatureExample[] opened = new FeatureExample[examples.size()];
        for (int i = 0; i < opened.length; i++) {
            DatasetExample example = examples.get(i);
            Place place = index.find(example.key()).orElseThrow();
            FeatureShard shard = shards.get(place.shard());
            if (shard == null) {
                try {
                    shard = store.open(place.shard());
                } catch (StoreException e) {
                    throw new BrokenShard(place, e);
                }
                shards.put(place.shard(), shard);
            }
            opened[i] = new FeatureExample(shard.states(), shard.firstPosition()[place.row()], example.labelIds());
        }
        return List.of(opened);
    }
}
