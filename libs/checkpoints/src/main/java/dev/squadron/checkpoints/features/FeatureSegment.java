package dev.squadron.checkpoints.features;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A part of the catalogue of a feature set: the shards that one writer has added. There are as many as partitions of the log, and
 * whoever holds a partition writes its segment.
 *
 * @param number the partition
 * @param entries the shards, the oldest first
 * @param dropped shards that are no longer used and still lie in the bucket; none in segments of old
 */
public record FeatureSegment(int number, List<Entry> entries, List<Dropped> dropped) {

    /**
     * A shard and what is in it.
     *
     * @param shard where it lies
     * @param keys the names of its examples, in the order of its rows, 16 bytes each
     * @param usedAt when a run has used it, give or take an hour; null in segments of old
     */
    public record Entry(StoredObject shard, byte[] keys, Instant usedAt) {
        /** Returns the names of the examples, in the order of the shard's rows. */
        public List<FeatureKey> featureKeys() {
            return FeatureKey.unpack(keys);
        }

        /** Returns when it was used last; of one that is not known to have been used, the beginning of time. */
        Instant lastUse() {
            return Objects.requireNonNullElse(usedAt, Instant.EPOCH);
        }

        Entry usedAt(Instant when) {
            return new Entry(shard, keys, when);
        }
    }

    /**
     * A shard that has left the catalogue.
     *
     * @param shard where it lies
     * @param at when it left
     */
    public record Dropped(StoredObject shard, Instant at) {}

    public FeatureSegment {
        entries = List.copyOf(entries);
        dropped = dropped == null ? List.of() : List.copyOf(dropped);
    }

    /** Returns a segment without shards. */
    static FeatureSegment empty(int number) {
        return new FeatureSegment(number, List.of(), List.of());
    }

    /** Returns the same with one more shard. */
    FeatureSegment with(StoredObject shard, List<FeatureKey> keys, Instant now) {
        List<Entry> all = new ArrayList<>(entries);
        all.add(new Entry(shard, FeatureKey.pack(keys), now));
        return new FeatureSegment(number, all, dropped);
    }

    /** Returns the same without a shard. */
    FeatureSegment without(StoredObject shard) {
        return new FeatureSegment(
                number,
                entries.stream().filter(entry -> !entry.shard().equals(shard)).toList(),
                dropped);
    }

    /** Returns the same without some shards, which stay in the bucket for now. */
    FeatureSegment dropping(Predicate<StoredObject> unused, Instant now) {
        List<Dropped> all = new ArrayList<>(dropped);
        entries.stream().map(Entry::shard).filter(unused).forEach(shard -> all.add(new Dropped(shard, now)));
        return new FeatureSegment(
                number,
                entries.stream().filter(entry -> !unused.test(entry.shard())).toList(),
                all);
    }

    /** Returns the same without dropped shards that have been deleted. */
    FeatureSegment forgetting(Predicate<Dropped> deleted) {
        return new FeatureSegment(
                number, entries, dropped.stream().filter(deleted.negate()).toList());
    }

    /** Returns the same after a run has used some shards; one whose last use is not long ago keeps it. */
    FeatureSegment used(Predicate<StoredObject> used, Instant now, Instant longAgo) {
        return new FeatureSegment(
                number,
                entries.stream()
                        .map(entry ->
                                used.test(entry.shard()) && entry.lastUse().isBefore(longAgo)
                                        ? entry.usedAt(now)
                                        : entry)
                        .toList(),
                dropped);
    }
}
