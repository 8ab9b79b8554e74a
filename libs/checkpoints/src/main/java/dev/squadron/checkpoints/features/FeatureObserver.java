package dev.squadron.checkpoints.features;

/** Is told which feature shards go because of {@link FeatureLimits}; for metrics. */
@FunctionalInterface
public interface FeatureObserver {

    /** From where a shard goes. */
    enum From {
        /** Its copy on this machine's disk is deleted; it is fetched again when a run needs it. */
        DISK,
        /** It leaves the catalogue of the bucket; its examples are computed again when a run needs them. */
        CATALOGUE,
        /** It is deleted from the bucket, some time after it has left the catalogue. */
        BUCKET
    }

    /** A shard of {@code bytes} has gone. */
    void gone(From from, long bytes);
}
