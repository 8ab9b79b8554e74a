package dev.squadron.contracts;

import java.util.List;

/**
 * Every Kafka topic of Squadron. {@code asyncapi.yaml} beside this package describes what each of them carries.
 *
 * @param name the topic's name; the suffix is the version of its contract
 * @param cleanup how the broker cleans the log
 * @param partitioned whether the topic has one partition for each share of the data, or one in all
 */
public record Topics(String name, Cleanup cleanup, boolean partitioned) {

    /** Questions, contexts and answers as JSON, and the seals of the data sets. Keyed by {@code dataset/id}. */
    public static final String RECORDS = "squadron.records.v1";

    /** What could not be used, byte for byte, with the reason in its headers. */
    public static final String DEAD_LETTERS = "squadron.records.dlq.v1";

    /** Tokenized examples of similar length, in Protobuf. Partition p comes from partition p of the records. */
    public static final String TOKEN_BATCHES = "squadron.token-batches.v1";

    /** Training runs asked for, and their state. Keyed by run. */
    public static final String RUNS = "squadron.runs.v1";

    /** Searches for the best recipe asked for, and their trials. Keyed by sweep. */
    public static final String SWEEPS = "squadron.sweeps.v1";

    /** How far the training runs are. Keyed by run. */
    public static final String PROGRESS = "squadron.progress.v1";

    /** Which checkpoints exist and which one is live. Keyed by model. */
    public static final String CHECKPOINTS = "squadron.checkpoints.v1";

    /** The state of each data set and the place in its source. Keyed by data set. */
    public static final String DATASETS = "squadron.datasets.v1";

    /** How the broker cleans a topic's log. */
    public enum Cleanup {
        /** The log is the data set: it is kept for ever. */
        KEEP,
        /** Old messages go after a week. */
        DELETE,
        /** The last message of each key stays. */
        COMPACT
    }

    /** Returns all topics, in the order in which a record meets them. */
    public static List<Topics> all() {
        return List.of(
                new Topics(DATASETS, Cleanup.COMPACT, false),
                new Topics(RECORDS, Cleanup.KEEP, true),
                new Topics(DEAD_LETTERS, Cleanup.KEEP, true),
                new Topics(TOKEN_BATCHES, Cleanup.KEEP, true),
                new Topics(RUNS, Cleanup.COMPACT, false),
                new Topics(SWEEPS, Cleanup.COMPACT, false),
                new Topics(PROGRESS, Cleanup.DELETE, false),
                new Topics(CHECKPOINTS, Cleanup.COMPACT, false));
    }
}
