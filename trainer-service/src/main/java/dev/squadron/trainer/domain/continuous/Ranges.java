package dev.squadron.trainer.domain.continuous;

import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Arithmetic of ranges of the log. */
final class Ranges {
    private Ranges() {}

    /** Returns the range from the beginning of the first to the end of the last; both are of one partition. */
    static PartitionRange span(PartitionRange one, PartitionRange other) {
        return new PartitionRange(
                one.partition(),
                Math.min(one.from(), other.from()),
                Math.max(one.to(), other.to()),
                one.records() + other.records());
    }

    /**
     * Returns the ranges in order, those of a partition in one piece where nothing between them is left out: so there are few,
     * however many folds there were.
     *
     * @param leftOut what no range may come to cover
     */
    static List<PartitionRange> join(List<PartitionRange> ranges, List<PartitionRange> leftOut) {
        List<PartitionRange> joined = new ArrayList<>();
        ranges.stream()
                .sorted(Comparator.comparingInt(PartitionRange::partition).thenComparingLong(PartitionRange::from))
                .forEach(range -> {
                    PartitionRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
                    if (last != null
                            && last.partition() == range.partition()
                            && leftOut.stream().noneMatch(each -> overlap(each, span(last, range)))) {
                        joined.set(joined.size() - 1, span(last, range));
                    } else {
                        joined.add(range);
                    }
                });
        return List.copyOf(joined);
    }

    private static boolean overlap(PartitionRange one, PartitionRange other) {
        return one.partition() == other.partition() && one.from() < other.to() && other.from() < one.to();
    }
}
