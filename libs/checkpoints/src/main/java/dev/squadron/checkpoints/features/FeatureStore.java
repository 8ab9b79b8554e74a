package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Features of frozen backbones by content: computed once, found by every later run of any data set that has the example. A shard
 * is named by the examples in it and written before the segment of the catalogue that names it; features of an example are the
 * same to the last bit whoever computed them, so two writers do no harm.
 */
public final class FeatureStore {
    private static final int MAX_SEGMENT = 256 << 20;
    private static final int MAX_SCORES = 64 << 20;

    private final ObjectStore store;
    private final ObjectCache cache;
    private final Path directory;

    /**
     * What a head answers to some questions.
     *
     * @param scores by name
     * @param answers one for each question
     */
    public record Scores(Map<String, Double> scores, List<String> answers) {}

    /** Keeps local copies in {@code cacheDirectory}. */
    public FeatureStore(ObjectStore store, Path cacheDirectory) {
        this.store = store;
        this.directory = cacheDirectory;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /** Returns what a segment of the catalogue has. */
    public FeatureSegment segment(FeatureSet set, int number) {
        String key = segmentKey(set, number);
        Optional<byte[]> bytes = store.read(key, MAX_SEGMENT);
        if (bytes.isEmpty()) {
            return FeatureSegment.empty(number);
        }
        try {
            return ContractJson.read(bytes.get(), FeatureSegment.class);
        } catch (InvalidMessage e) {
            throw new StoreException(
                    "The catalogue " + key + " in " + store + " is broken: " + e.getMessage()
                            + " Delete it to compute the features again.",
                    e);
        }
    }

    /**
     * Adds a shard.
     *
     * @param before what the segment had
     * @param keys the names of the shard's examples, in the order of its rows
     * @return what the segment has now
     */
    public FeatureSegment add(FeatureSet set, FeatureSegment before, List<FeatureKey> keys, FeatureShard shard) {
        String name = Sha256.of(FeatureKey.pack(keys)).substring(0, 32) + ".safetensors";
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "shard", ".part");
            shard.write(file);
            StoredObject object = store.put(name, set.folder() + name, file);
            cache.adopt(object, file);
            return save(set, before.with(object, keys));
        } catch (IOException e) {
            throw new StoreException("The shard " + name + " cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a shard, every byte of it verified.
     *
     * @throws StoreException when it is missing or corrupt
     */
    public FeatureShard open(StoredObject shard) {
        return FeatureShard.open(cache.fetch(shard));
    }

    /** Forgets a shard, so that its examples are computed again. */
    public void drop(FeatureSet set, int segment, StoredObject shard) {
        save(set, segment(set, segment).without(shard));
        store.delete(shard.key());
    }

    /** Returns the scores that {@link #keepScores} stored under {@code name}; none where their answers were not kept with them. */
    public Optional<Scores> scores(FeatureSet set, String name) {
        return store.read(scoresKey(set, name), MAX_SCORES).map(bytes -> {
            try {
                return ContractJson.read(bytes, Scores.class);
            } catch (InvalidMessage e) {
                throw new StoreException(
                        "The scores " + scoresKey(set, name) + " in " + store + " are broken: " + e.getMessage()
                                + " Delete them to compute them again.",
                        e);
            }
        }).filter(scores -> scores.answers() != null);
    }

    /**
     * Keeps the scores of a head beside the features that they were computed from.
     *
     * @param name a function of all that the scores depend on
     */
    public void keepScores(FeatureSet set, String name, Scores scores) {
        store.put(scoresKey(set, name), ContractJson.write(scores));
    }

    private FeatureSegment save(FeatureSet set, FeatureSegment segment) {
        store.put(segmentKey(set, segment.number()), ContractJson.write(segment));
        return segment;
    }

    private static String scoresKey(FeatureSet set, String name) {
        return set.folder() + "scores-" + name + ".json";
    }

    private static String segmentKey(FeatureSet set, int number) {
        return set.folder() + "catalogue-" + number + ".json";
    }
}
