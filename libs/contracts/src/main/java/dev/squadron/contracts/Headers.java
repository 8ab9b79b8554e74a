package dev.squadron.contracts;

/**
 * Names of Kafka headers and the values that tell messages apart.
 *
 * <p>The {@code ce_} names are CloudEvents 1.0 in its binary Kafka binding; the {@code dead-letter-} names are those of
 * SmallRye Reactive Messaging, so that its tools read our dead letters.
 */
public final class Headers {
    /** Kind of the message; a message without it is what its topic carries by default. */
    public static final String TYPE = "ce_type";

    public static final String SPEC_VERSION = "ce_specversion";
    public static final String ID = "ce_id";
    public static final String SOURCE = "ce_source";
    public static final String TIME = "ce_time";
    public static final String CONTENT_TYPE = "content-type";

    /** Why a record could not be used, in a sentence. */
    public static final String DEAD_LETTER_REASON = "dead-letter-reason";

    /** Name of the rule that a record broke, in kebab case. */
    public static final String DEAD_LETTER_RULE = "dead-letter-rule";

    public static final String DEAD_LETTER_EXCEPTION = "dead-letter-exception-class-name";

    /** Where the record came from: topic, partition and offset, as text. Records of a file have none. */
    public static final String DEAD_LETTER_TOPIC = "dead-letter-topic";

    public static final String DEAD_LETTER_PARTITION = "dead-letter-partition";
    public static final String DEAD_LETTER_OFFSET = "dead-letter-offset";

    /** How many bytes the message had, where it had to be cut. */
    public static final String DEAD_LETTER_SIZE = "dead-letter-size";

    public static final String TYPE_RECORD = "dev.squadron.record.v1";
    public static final String TYPE_SEAL = "dev.squadron.seal.v1";
    public static final String TYPE_TOKEN_BATCH = "dev.squadron.token-batch.v1";
    public static final String TYPE_DATASET = "dev.squadron.dataset.v1";
    public static final String TYPE_RUN = "dev.squadron.run.v1";
    public static final String TYPE_SWEEP = "dev.squadron.sweep.v1";
    public static final String TYPE_PROGRESS = "dev.squadron.progress.v1";
    public static final String TYPE_CHECKPOINT = "dev.squadron.checkpoint.v1";

    private Headers() {}
}
