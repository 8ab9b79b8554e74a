package dev.squadron.checkpoints.store;

import java.net.URI;

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
    @Override
    public String toString() {
        return "bucket " + bucket + " at " + endpoint;
    }
}
