package dev.squadron.trainer.domain.dataset;

import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.record.Seal;
import dev.squadron.trainer.domain.Cancellation;
import java.time.Duration;

/** The log of token batches: the data set, in the order in which it was written. */
public interface TokenBatchLog {

    /** Takes the batches of a data set one by one. */
    @FunctionalInterface
    interface Reader {
        /**
         * Takes a batch.
         *
         * @param offset where the batch stands in its partition
         * @param batch the batch
         */
        void on(long offset, TokenBatch batch);
    }

    /**
     * The end of a data set in a partition.
     *
     * @param offset where the seal stands
     * @param seal what it says
     */
    record End(long offset, Seal seal) {}

    /** Returns how many partitions the log has. */
    int partitions();

    /**
     * Reads a data set in one partition up to its seal.
     *
     * @param from first offset to read
     * @param patience how long the log may be silent before the reading fails
     * @return the end of the data set
     * @throws IncompleteDataset when nothing came for {@code patience}
     */
    End read(String dataset, int partition, long from, Duration patience, Cancellation cancellation, Reader reader);

    /**
     * Reads a range, whatever data sets its batches are of.
     *
     * @param patience how long the log may be silent before the reading fails
     * @throws IncompleteDataset when nothing came for {@code patience}
     */
    void read(PartitionRange range, Duration patience, Cancellation cancellation, Reader reader);
}
