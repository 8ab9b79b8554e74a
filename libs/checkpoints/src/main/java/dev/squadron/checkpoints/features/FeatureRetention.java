package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.features.FeatureObserver.From;
import dev.squadron.checkpoints.features.FeatureSegment.Dropped;
import dev.squadron.checkpoints.features.FeatureSegment.Entry;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rule by which features leave the bucket. After a run has opened its features, the shards of the set that no run has used for
 * longest leave the catalogue until the set is below its limit; those of the run itself stay. A shard that has left is deleted after a
 * time of grace, so that a replica that has looked it up can still open it; one that is computed again meanwhile is not deleted.
 */
final class FeatureRetention {
    private static final Duration MARK = Duration.ofHours(1);

    private final FeatureStore store;
    private final FeatureLimits limits;
    private final FeatureObserver observer;
    private final Clock clock;

    FeatureRetention(FeatureStore store, FeatureLimits limits, FeatureObserver observer, Clock clock) {
        this.store = store;
        this.limits = limits;
        this.observer = observer;
        this.clock = clock;
    }

    /**
     * Applies the rule.
     *
     * @param segments how many the set has
     * @param used shards of the run
     * @return how many shards have left the catalogue
     */
    int apply(FeatureSet set, int segments, Set<StoredObject> used) {
        Instant now = clock.instant();
        List<FeatureSegment> before = new ArrayList<>();
        for (int number = 0; number < segments; number++) {
            before.add(store.segment(set, number));
        }
        Set<StoredObject> unused = unused(before, used);
        List<FeatureSegment> after = before.stream()
                .map(segment ->
                        segment.used(used::contains, now, now.minus(MARK)).dropping(unused::contains, now))
                .toList();
        save(set, before, after);
        unused.forEach(shard -> observer.gone(From.CATALOGUE, shard.size()));
        deleteOverdue(set, after, now.minus(limits.grace()));
        return unused.size();
    }

    /** Returns the shards that must go for the set to be below its limit. */
    private Set<StoredObject> unused(List<FeatureSegment> segments, Set<StoredObject> used) {
        List<Entry> entries =
                segments.stream().flatMap(segment -> segment.entries().stream()).toList();
        long size = entries.stream().mapToLong(entry -> entry.shard().size()).sum();
        Set<StoredObject> unused = new HashSet<>();
        List<Entry> candidates = entries.stream()
                .filter(entry -> !used.contains(entry.shard()))
                .sorted(Comparator.comparing(Entry::lastUse))
                .toList();
        for (Entry entry : candidates) {
            if (size <= limits.bucketBytes()) {
                break;
            }
            unused.add(entry.shard());
            size -= entry.shard().size();
        }
        return unused;
    }

    private void deleteOverdue(FeatureSet set, List<FeatureSegment> segments, Instant overdue) {
        Set<String> catalogued = segments.stream()
                .flatMap(segment -> segment.entries().stream())
                .map(entry -> entry.shard().key())
                .collect(Collectors.toSet());
        Predicate<Dropped> gone = dropped -> !dropped.at().isAfter(overdue);
        segments.stream()
                .flatMap(segment -> segment.dropped().stream())
                .filter(gone)
                .map(Dropped::shard)
                .distinct()
                .filter(shard -> !catalogued.contains(shard.key()))
                .forEach(this::delete);
        save(
                set,
                segments,
                segments.stream().map(segment -> segment.forgetting(gone)).toList());
    }

    private void delete(StoredObject shard) {
        store.delete(shard.key());
        observer.gone(From.BUCKET, shard.size());
    }

    private void save(FeatureSet set, List<FeatureSegment> before, List<FeatureSegment> after) {
        for (int i = 0; i < before.size(); i++) {
            if (!after.get(i).equals(before.get(i))) {
                store.save(set, after.get(i));
            }
        }
    }
}
