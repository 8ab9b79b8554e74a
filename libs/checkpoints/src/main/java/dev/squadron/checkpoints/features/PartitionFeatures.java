package dev.squadron.checkpoints.features;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What has been computed of a partition: its shards in the order of the log.
 *
 * @param partition its number
 * @param next first offset of the token batches that is not in a shard yet; the seal's where {@code sealed}
 * @param sealed whether the data set ends here
 * @param examples how many examples the shards hold
 * @param shards the shards
 */
public record PartitionFeatures(int partition, long next, boolean sealed, long examples, List<StoredObject> shards) {
    public PartitionFeatures {
        shards = List.copyOf(shards);
    }

    /** Returns a partition of which nothing has been computed. */
    public static PartitionFeatures none(int partition) {
        return new PartitionFeatures(partition, 0, false, 0, List.of());
    }

    /** Returns the same with one more shard, which ends before the offset {@code end}. */
    public PartitionFeatures with(StoredObject shard, long count, long end) {
        List<StoredObject> all = new ArrayList<>(shards);
        all.add(shard);
        return new PartitionFeatures(partition, end, sealed, examples + count, all);
    }

    /** Returns the same, ended by a seal at {@code offset}. */
    public PartitionFeatures seal(long offset) {
        return new PartitionFeatures(partition, offset, true, examples, shards);
    }
}
