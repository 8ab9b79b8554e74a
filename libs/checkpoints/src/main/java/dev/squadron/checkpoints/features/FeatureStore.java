package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Features of frozen backbones: computed once, found by every later run. A shard is named by the range of the log that it comes
 * from and written before the index of its partition names it; equal logs give equal shards, so two writers do no harm.
 */
public final class FeatureStore {
    private static final int MAX_INDEX = 64 << 20;
    private static final int MAX_SCORES = 1 << 20;

    private record Scores(Map<String, Double> scores) {}

    private final ObjectStore store;
    private final ObjectCache cache;
    private final Path directory;

    /** Keeps local copies in {@code cacheDirectory}. */
    public FeatureStore(ObjectStore store, Path cacheDirectory) {
        this.store = store;
        this.directory = cacheDirectory;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /** Returns what has been computed of a partition. */
    public PartitionFeatures index(FeatureSet set, int partition) {
        String key = indexKey(set, partition);
        return store.read(key, MAX_INDEX)
                .map(bytes -> {
                    try {
                        return ContractJson.read(bytes, PartitionFeatures.class);
                    } catch (InvalidMessage e) {
                        throw new StoreException(
                                "The index " + key + " in " + store + " is broken: " + e.getMessage()
                                        + " Delete it to compute the features again.",
                                e);
                    }
                })
                .orElseGet(() -> PartitionFeatures.none(partition));
    }

    /**
     * Adds a shard.
     *
     * @param before what the partition had
     * @param from first offset of the token batches in it
     * @param to offset behind the last one
     * @return what the partition has now
     */
    public PartitionFeatures add(FeatureSet set, PartitionFeatures before, FeatureShard shard, long from, long to) {
        String name = before.partition() + "-" + from + "-" + to + ".safetensors";
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "shard", ".part");
            shard.write(file);
            StoredObject object = store.put(name, set.folder() + name, file);
            cache.adopt(object, file);
            return save(set, before.with(object, shard.examples(), to));
        } catch (IOException e) {
            throw new StoreException("The shard " + name + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Marks the end of the data set in a partition. */
    public PartitionFeatures seal(FeatureSet set, PartitionFeatures before, long offset) {
        return save(set, before.seal(offset));
    }

    /**
     * Opens a shard, every byte of it verified.
     *
     * @throws StoreException when it is missing or corrupt
     */
    public FeatureShard open(StoredObject shard) {
        return FeatureShard.open(cache.fetch(shard));
    }

    /** Returns the scores that {@link #keepScores} stored under {@code name}. */
    public Optional<Map<String, Double>> scores(FeatureSet set, String name) {
        return store.read(scoresKey(set, name), MAX_SCORES).map(bytes -> {
            try {
                return Map.copyOf(ContractJson.read(bytes, Scores.class).scores());
            } catch (InvalidMessage e) {
                throw new StoreException(
                        "The scores " + scoresKey(set, name) + " in " + store + " are broken: " + e.getMessage()
                                + " Delete them to compute them again.",
                        e);
            }
        });
    }

    /**
     * Keeps scores of the untrained model beside the features that they were computed from.
     *
     * @param name a function of all that the scores depend on
     */
    public void keepScores(FeatureSet set, String name, Map<String, Double> scores) {
        store.put(scoresKey(set, name), ContractJson.write(new Scores(scores)));
    }

    /** Forgets what has been computed of a partition, so that it is computed again. */
    public void forget(FeatureSet set, int partition) {
        store.delete(indexKey(set, partition));
    }

    private PartitionFeatures save(FeatureSet set, PartitionFeatures features) {
        store.put(indexKey(set, features.partition()), ContractJson.write(features));
        return features;
    }

    private static String scoresKey(FeatureSet set, String name) {
        return set.folder() + "scores-" + name + ".json";
    }

    private static String indexKey(FeatureSet set, int partition) {
        return set.folder() + partition + ".json";
    }
}
