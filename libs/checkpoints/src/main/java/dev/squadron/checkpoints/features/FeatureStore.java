package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.features.FeatureObserver.From;
import dev.squadron.checkpoints.store.DiskLimit;
import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    private final FeatureRetention retention;
    private final Clock clock;

    /** The states of each shard that is mapped, by its SHA-256, for as long as somebody holds them. */
    private final Map<String, WeakReference<FloatBuffer>> mapped = new HashMap<>();

    /**
     * What a head answers to some questions.
     *
     * @param scores by name
     * @param answers one for each question
     */
    public record Scores(Map<String, Double> scores, List<String> answers) {}

    /** Keeps local copies in {@code cacheDirectory}, however many. */
    public FeatureStore(ObjectStore store, Path cacheDirectory) {
        this(store, cacheDirectory, FeatureLimits.NONE, (from, bytes) -> {}, Clock.systemUTC());
    }

    /**
     * Keeps local copies in {@code cacheDirectory}, with limits for them and for the bucket.
     *
     * @param observer is told what goes because of these
     */
    public FeatureStore(
            ObjectStore store, Path cacheDirectory, FeatureLimits limits, FeatureObserver observer, Clock clock) {
        this.store = store;
        this.directory = cacheDirectory;
        this.cache = new ObjectCache(
                store,
                cacheDirectory,
                new DiskLimit(
                        cacheDirectory, limits.diskBytes(), this::isMapped, bytes -> observer.gone(From.DISK, bytes)));
        this.retention = new FeatureRetention(this, limits, observer, clock);
        this.clock = clock;
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
    public synchronized FeatureSegment add(
            FeatureSet set, FeatureSegment before, List<FeatureKey> keys, FeatureShard shard) {
        String name = Sha256.of(FeatureKey.pack(keys)).substring(0, 32) + ".safetensors";
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "shard", ".part");
            shard.write(file);
            StoredObject object = store.put(name, set.folder() + name, file);
            cache.adopt(object, file);
            return save(set, before.with(object, keys, clock.instant()));
        } catch (IOException e) {
            throw new StoreException("The shard " + name + " cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a shard, every byte of it verified.
     *
     * @throws StoreException when it is missing or corrupt
     */
    public synchronized FeatureShard open(StoredObject shard) {
        FeatureShard opened = FeatureShard.open(cache.fetch(shard));
        mapped.values().removeIf(states -> states.get() == null);
        mapped.put(shard.sha256(), new WeakReference<>(opened.states()));
        return opened;
    }

    /**
     * Takes note that a run uses some shards, and sees to it that the set is below its limit in the bucket.
     *
     * @param segments how many the set has
     * @param used the run's
     * @return how many shards had to go for that
     */
    public int used(FeatureSet set, int segments, Set<StoredObject> used) {
        return retention.apply(set, segments, used);
    }

    private boolean isMapped(String sha256) {
        WeakReference<FloatBuffer> states = mapped.get(sha256);
        return states != null && states.get() != null;
    }

    void delete(String key) {
        store.delete(key);
    }

    /** Forgets a shard, so that its examples are computed again. */
    public void drop(FeatureSet set, int segment, StoredObject shard) {
        save(set, segment(set, segment).without(shard));
        store.delete(shard.key());
    }

    /** Returns the scores that {@link #keepScores} stored under {@code name}; none where their answers were not kept with them. */
    public Optional<Scores> scores(FeatureSet set, String name) {
        return store.read(scoresKey(set, name), MAX_SCORES)
                .map(bytes -> {
                    try {
                        return ContractJson.read(bytes, Scores.class);
                    } catch (InvalidMessage e) {
                        throw new StoreException(
                                "The scores " + scoresKey(set, name) + " in " + store + " are broken: " + e.getMessage()
                                        + " Delete them to compute them again.",
                                e);
                    }
                })
                .filter(scores -> scores.answers() != null);
    }

    /**
     * Keeps the scores of a head beside the features that they were computed from.
     *
     * @param name a function of all that the scores depend on
     */
    public void keepScores(FeatureSet set, String name, Scores scores) {
        store.put(scoresKey(set, name), ContractJson.write(scores));
    }

    FeatureSegment save(FeatureSet set, FeatureSegment segment) {
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
