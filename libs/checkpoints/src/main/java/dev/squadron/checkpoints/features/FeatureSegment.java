package dev.squadron.checkpoints.features;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the catalogue of a feature set: the shards that one writer has added. There are as many as partitions of the log, and
 * whoever holds a partition writes its segment.
 *
 * @param number the partition
 * @param entries the shards, the oldest first
 */
public record FeatureSegment(int number, List<Entry> entries) {

    /**
     * A shard and what is in it.
     *
     * @param shard where it lies
     * @param keys the names of its examples, in the order of its rows, 16 bytes each
     */
    public record Entry(StoredObject shard, byte[] keys) {
        /** Returns the names of the examples, in the order of the shard's rows. */
        public List<FeatureKey> featureKeys() {
            return FeatureKey.unpack(keys);
        }
    }

    public FeatureSegment {
        entries = List.copyOf(entries);
    }

    /** Returns a segment without shards. */
    static FeatureSegment empty(int number) {
        return new FeatureSegment(number, List.of());
    }

    /** Returns the same with one more shard. */
    FeatureSegment with(StoredObject shard, List<FeatureKey> keys) {
        List<Entry> all = new ArrayList<>(entries);
        all.add(new Entry(shard, FeatureKey.pack(keys)));
        return new FeatureSegment(number, all);
    }

    /** Returns the same without a shard. */
    FeatureSegment without(StoredObject shard) {
        return new FeatureSegment(
                number,
                entries.stream().filter(entry -> !entry.shard().equals(shard)).toList());
    }
}
