package dev.squadron.checkpoints.features;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the features of an example lie; not thread-safe. */
public final class FeatureIndex {
    private final Map<FeatureKey, Place> places = new HashMap<>();

    /**
     * A place in the store.
     *
     * @param segment the segment of the catalogue that names the shard
     * @param shard the shard
     * @param row the example's place in it
     */
    public record Place(int segment, StoredObject shard, int row) {}

    /** Learns what a segment has. */
    public void add(FeatureSegment segment) {
        segment.entries().forEach(entry -> {
            int row = 0;
            for (FeatureKey key : entry.featureKeys()) {
                places.putIfAbsent(key, new Place(segment.number(), entry.shard(), row++));
            }
        });
    }

    /** Forgets a shard. */
    public void remove(StoredObject shard) {
        places.values().removeIf(place -> place.shard().equals(shard));
    }

    /** Returns where the features of an example lie, if they have been computed. */
    public Optional<Place> find(FeatureKey key) {
        return Optional.ofNullable(places.get(key));
    }
}
