package dev.squadron.contracts.dataset;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.squadron.contracts.run.Augmentation;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The state of a data set; the last event of each is its truth. While it is open, {@code position} is where ingest goes on
 * after a restart: the event is written in the same transaction as the records before that place.
 *
 * @param dataset the data set
 * @param state where it stands
 * @param sources where its records come from, in this order; none where others write them to the topic
 * @param augmentation what is made of the training records besides; null: nothing
 * @param seed of every random choice of the augmentation
 * @param position how many records of the source have been read, the rejected ones among them
 * @param records how many were written, by split, augmented copies among them
 * @param augmented how many augmented copies were made
 * @param partitions how many were written into each partition
 * @param rejected how many became dead letters in ingest
 * @param mended how many had an offset put right
 * @param message what went wrong, for a failed data set
 * @param at when
 */
public record DatasetEvent(
        String dataset,
        State state,
        List<Source> sources,
        Augmentation augmentation,
        long seed,
        long position,
        Map<String, Long> records,
        long augmented,
        Map<Integer, Long> partitions,
        long rejected,
        long mended,
        String message,
        Instant at) {

    public DatasetEvent {
        sources = sources == null ? List.of() : List.copyOf(sources);
    }

    /** Opens a data set: nothing of it has been read. */
    public static DatasetEvent opened(
            String dataset, List<Source> sources, Augmentation augmentation, long seed, Instant at) {
        return new DatasetEvent(
                dataset, State.INGESTING, sources, augmentation, seed, 0, Map.of(), 0, Map.of(), 0, 0, null, at);
    }

    /** Opens the augmented form of this data set: the same sources, read again. */
    public DatasetEvent augmentedForm(Augmentation plan, long planSeed, Instant when) {
        return opened(plan.formOf(dataset, planSeed), sources, plan, planSeed, when);
    }

    /** Where a data set stands. */
    public enum State {
        INGESTING,
        SEALED,
        FAILED,
        CANCELLED;

        /** Returns the name as messages write it, in lower case. */
        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Where the records come from.
     *
     * @param uri a hub name, file, http(s) or s3 URI, or {@code upload:<sha256>}
     * @param format {@code squad}, {@code jsonl} or {@code parquet}
     * @param revision the commit, ETag or SHA-256 that pins what is read
     * @param split the split that all records belong to; null where the source tells
     * @param columns for JSON Lines and Parquet: our field to their column; null for the usual names
     */
    public record Source(String uri, String format, String revision, String split, Map<String, String> columns) {}
}
