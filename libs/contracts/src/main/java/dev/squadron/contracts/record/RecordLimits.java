package dev.squadron.contracts.record;

import java.util.regex.Pattern;

/** Sizes that a record may have, in Unicode code points, and the names that it may use. */
public final class RecordLimits {
    /** Bytes of a whole record as JSON. */
    public static final int MAX_BYTES = 900_000;

    public static final int MAX_QUESTION = 8_192;
    public static final int MAX_CONTEXT = 131_072;
    public static final int MAX_ANSWER = 4_096;
    public static final int MAX_ANSWERS = 64;
    public static final int MAX_ID = 256;
    public static final int MAX_TECHNIQUES = 16;

    /** Names of data sets: they become keys and object names. */
    public static final Pattern DATASET = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /** Names of techniques of augmentation. */
    public static final Pattern TECHNIQUE = Pattern.compile("[a-z][a-z0-9_]{0,63}");

    private RecordLimits() {}
}
