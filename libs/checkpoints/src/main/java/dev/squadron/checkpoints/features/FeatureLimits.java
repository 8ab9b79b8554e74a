package dev.squadron.checkpoints.features;

import java.time.Duration;

/**
 * How much room features may take.
 *
 * @param diskBytes most bytes of copies on this machine's disk
 * @param bucketBytes most bytes of a feature set in the bucket
 * @param grace how long a shard stays in the bucket after it has left the catalogue, for runs that have looked it up before
 */
public record FeatureLimits(long diskBytes, long bucketBytes, Duration grace) {
    /** No limits. */
    public static final FeatureLimits NONE = new FeatureLimits(Long.MAX_VALUE, Long.MAX_VALUE, Duration.ZERO);

    public FeatureLimits {
        if (diskBytes < 1 || bucketBytes < 1 || grace.isNegative()) {
            throw new IllegalArgumentException(
                    "Features may take " + diskBytes + " bytes of disk and " + bucketBytes + " of the bucket, with "
                            + grace + " of grace; both sizes must be at least 1, and the time not negative.");
        }
    }
}
