package dev.squadron.ingest.domain;

import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.record.Seal;
import java.util.List;

/** Where a data set's records go. Each call is one transaction: all of it is seen, or none. */
public interface RecordLog extends AutoCloseable {

    /** Returns how many partitions the records have. */
    int partitions();

    /** Returns the partition of a record, by its key. */
    int partition(String key);

    /** Writes a chunk, and the state of the data set behind it. */
    void write(Chunk chunk, DatasetEvent after);

    /** Writes the seals of all partitions, and the state of the data set behind them. */
    void seal(List<Seal> seals, DatasetEvent after);

    /** Writes the state of the data set. */
    void write(DatasetEvent state);

    @Override
    void close();
}
