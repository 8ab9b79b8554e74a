package dev.squadron.trainer.domain.continuous;

import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The new examples that wait to be folded in: until there are enough of them, or the first one has waited long enough. Those of a
 * fold that failed wait for others to come. Thread-safe.
 */
public final class Backlog {
    private final int records;
    private final Duration after;
    private final List<Batch> waiting = new ArrayList<>();

    /** A token batch of a stream. */
    private record Batch(int partition, long offset, Set<String> records, Instant since, boolean tried) {
        boolean isIn(PartitionRange range) {
            return range.partition() == partition && offset >= range.from() && offset < range.to();
        }

        Batch onceTried() {
            return new Batch(partition, offset, records, since, true);
        }
    }

    /**
     * @param records how many new records are enough
     * @param after how long the first one waits
     */
    public Backlog(int records, Duration after) {
        this.records = records;
        this.after = after;
    }

    /**
     * Takes a token batch that has come.
     *
     * @param names its records, each by data set and id; a record that comes twice counts once
     * @param since when it came
     */
    public synchronized void add(int partition, long offset, Collection<String> names, Instant since) {
        waiting.add(new Batch(partition, offset, Set.copyOf(names), since, false));
    }

    /** Returns where all stand that wait, by partition; nothing before it is time to fold them in. */
    public synchronized List<PartitionRange> due(Instant now) {
        List<Batch> untried = waiting.stream().filter(batch -> !batch.tried).toList();
        boolean time =
                untried.stream().anyMatch(batch -> !batch.since.plus(after).isAfter(now));
        if (!time && names(untried.stream()).size() < records) {
            return List.of();
        }
        return ranges(waiting);
    }

    /** Returns whether nothing waits. */
    public synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Forgets what folds are done with, and lets what they failed to learn from wait until there is more.
     *
     * @param position up to which offset, by partition, folds are done
     * @param failed where those stand that could not be learned from
     */
    public synchronized void settle(Map<Integer, Long> position, List<PartitionRange> failed) {
        waiting.removeIf(batch -> batch.offset < position.getOrDefault(batch.partition, 0L));
        waiting.replaceAll(batch -> failed.stream().anyMatch(batch::isIn) ? batch.onceTried() : batch);
    }

    private static List<PartitionRange> ranges(List<Batch> batches) {
        Map<Integer, PartitionRange> ranges = new TreeMap<>();
        for (Batch batch : batches) {
            ranges.merge(
                    batch.partition,
                    new PartitionRange(batch.partition, batch.offset, batch.offset + 1, batch.records.size()),
                    Ranges::span);
        }
        return List.copyOf(ranges.values());
    }

    private static Set<String> names(Stream<Batch> batches) {
        Set<String> names = new HashSet<>();
        batches.forEach(batch -> names.addAll(batch.records));
        return names;
    }
}
