package dev.squadron.checkpoints.store;

import java.net.URI;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the bucket is.
 *
 * @param endpoint the S3 server
 * @param region its region
 * @param bucket the bucket
 * @param accessKey who asks
 * @param secretKey the secret of who asks
 */
public record StoreConfig(URI endpoint, String region, String bucket, String accessKey, String secretKey) {
    /**
     * Reads {@code SQUADRON_STORE_ENDPOINT}, {@code …_REGION}, {@code …_BUCKET}, {@code …_ACCESS_KEY} and {@code …_SECRET_KEY}; the
     * AWS variables serve where nothing else is said.
     */
    public static StoreConfig of(Map<String, String> environment) {
        return new StoreConfig(
                URI.create(first(
                        environment,
                        "http://localhost:9000",
                        "SQUADRON_STORE_ENDPOINT",
                        "AWS_ENDPOINT_URL_S3",
                        "AWS_ENDPOINT_URL")),
                first(environment, "us-east-1", "SQUADRON_STORE_REGION", "AWS_REGION"),
                first(environment, "squadron", "SQUADRON_STORE_BUCKET"),
                first(environment, "", "SQUADRON_STORE_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
                first(environment, "", "SQUADRON_STORE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"));
    }

    /** Returns another bucket of the same server. */
    public StoreConfig withBucket(String other) {
        return new StoreConfig(endpoint, region, other, accessKey, secretKey);
    }

    private static String first(Map<String, String> environment, String fallback, String... names) {
        return Stream.of(names)
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse(fallback);
    }

    @Override
    public String toString() {
        return "bucket " + bucket + " at " + endpoint;
    }
}
