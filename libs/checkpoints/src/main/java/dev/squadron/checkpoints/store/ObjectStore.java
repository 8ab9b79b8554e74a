package dev.squadron.checkpoints.store;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.MinioClient;
import io.minio.ObjectWriteResponse;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;

/**
 * A bucket of an S3 server. Only what every S3 server can do is used: put, put if absent, head, get, delete. Nothing is ever found by
 * listing. Thread-safe.
 */
public final class ObjectStore implements AutoCloseable {
    private static final Pattern KEY =
            Pattern.compile("(?!.*//)(?!(.*/)?\\.{1,2}(/|$))[A-Za-z0-9][A-Za-z0-9._/-]{0,900}");
    private static final Map<String, String> IF_ABSENT = Map.of("If-None-Match", "*");
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int NOT_FOUND = 404;
    private static final int CONDITION_FAILED = 412;
    private static final int SERVER_FAILED = 500;

    private final StoreConfig config;
    private final OkHttpClient http;
    private final MinioClient client;

    /**
     * What an object is at a time.
     *
     * @param etag another one where its bytes are others
     * @param size bytes
     */
    public record Version(String etag, long size) {}

    private ObjectStore(StoreConfig config, OkHttpClient http) {
        this.config = config;
        this.http = http;
        this.client = client(config, http);
    }

    /** Returns the bucket that {@code config} names; nothing is sent yet. */
    public static ObjectStore open(StoreConfig config) {
        return new ObjectStore(
                config,
                Http.newDefaultClient()
                        .newBuilder()
                        .connectTimeout(CONNECT_TIMEOUT)
                        .build());
    }

    private static MinioClient client(StoreConfig config, OkHttpClient http) {
        return MinioClient.builder()
                .endpoint(config.endpoint().toString())
                .region(config.region())
                .credentials(config.accessKey(), config.secretKey())
                .httpClient(http, true)
                .build();
    }

    /** Returns whether the server answers within {@code millis} and has the bucket. */
    public boolean isReady(int millis) {
        OkHttpClient impatient =
                http.newBuilder().callTimeout(Duration.ofMillis(millis)).build();
        try {
            return client(config, impatient)
                    .bucketExists(
                            BucketExistsArgs.builder().bucket(config.bucket()).build());
        } catch (MinioException | RuntimeException e) {
            return false;
        }
    }

    /** Puts a file, whatever its size; a reader sees all of it or none. Returns what was put. */
    public StoredObject put(String name, String key, Path file) {
        check(key);
        try {
            StoredObject object = new StoredObject(name, key, Files.size(file), Sha256.of(file));
            send(
                    "put",
                    key,
                    () -> client.uploadObject(UploadObjectArgs.builder()
                            .bucket(config.bucket())
                            .object(key)
                            .filename(file.toString())
                            .build()));
            return object;
        } catch (IOException e) {
            throw new StoreException(
                    "The file " + file + " to put as " + key + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Puts a few bytes, over what is there. */
    public void put(String key, byte[] bytes) {
        put(key, bytes, Map.of());
    }

    /** Puts a few bytes where nothing is; returns false, and changes nothing, where something is. */
    public boolean putIfAbsent(String key, byte[] bytes) {
        return put(key, bytes, IF_ABSENT).isPresent();
    }

    private Optional<ObjectWriteResponse> put(String key, byte[] bytes, Map<String, String> headers) {
        return unless(
                CONDITION_FAILED,
                "put",
                key,
                () -> client.putObject(
                        PutObjectArgs.builder().bucket(config.bucket()).object(key).extraHeaders(headers).stream(
                                        new ByteArrayInputStream(bytes), (long) bytes.length, -1L)
                                .build()));
    }

    /**
     * Puts a stream of unknown length.
     *
     * @param partSize bytes of a part, at least 5 MiB; memory for one is taken
     */
    public void put(String key, InputStream in, long partSize) {
        send(
                "put",
                key,
                () -> client.putObject(
                        PutObjectArgs.builder().bucket(config.bucket()).object(key).stream(in, -1L, partSize)
                                .build()));
    }

    /** Returns what an object is now, or nothing where there is no such object. */
    public Optional<Version> version(String key) {
        return unless(
                        NOT_FOUND,
                        "look at",
                        key,
                        () -> client.statObject(StatObjectArgs.builder()
                                .bucket(config.bucket())
                                .object(key)
                                .build()))
                .map(head -> new Version(head.etag(), head.size()));
    }

    /** Returns a stream over an object from its byte {@code offset} on, or nothing where there is no such object. */
    public Optional<InputStream> open(String key, long offset) {
        return unless(
                NOT_FOUND,
                "read",
                key,
                () -> client.getObject(GetObjectArgs.builder()
                        .bucket(config.bucket())
                        .object(key)
                        .offset(offset == 0 ? null : offset)
                        .build()));
    }

    /**
     * Returns the bytes of a small object, or nothing where there is no such object.
     *
     * @param limit most bytes that it may have
     */
    public Optional<byte[]> read(String key, int limit) {
        Optional<InputStream> stream = open(key, 0);
        if (stream.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = stream.get()) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new StoreException("The object " + key + " in " + config + " has more than " + limit + " bytes.");
            }
            return Optional.of(bytes);
        } catch (IOException e) {
            throw unreachable("read", key, e);
        }
    }

    /** Deletes an object; where there is none, nothing happens. */
    public void delete(String key) {
        send("delete", key, () -> {
            client.removeObject(RemoveObjectArgs.builder()
                    .bucket(config.bucket())
                    .object(key)
                    .build());
            return key;
        });
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (Exception e) {
            throw new StoreException("The client of " + config + " did not close: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return config.toString();
    }

    @FunctionalInterface
    private interface Request<T> {
        T send() throws MinioException;
    }

    private <T> void send(String what, String key, Request<T> request) {
        T unused = unless(0, what, key, request).orElseThrow();
    }

    /**
     * Sends a request. The client tells of what it did not foresee, a refused connection for one, by an IllegalStateException.
     *
     * @param status of the server for which nothing is returned
     * @param what the request does, for the error
     */
    private <T> Optional<T> unless(int status, String what, String key, Request<T> request) {
        check(key);
        try {
            return Optional.of(request.send());
        } catch (ErrorResponseException e) {
            if (e.response().code() == status) {
                return Optional.empty();
            }
            if (e.response().code() >= SERVER_FAILED) {
                throw unreachable(what, key, e);
            }
            throw new StoreException(message(what, key, e), e);
        } catch (MinioException | IllegalStateException e) {
            throw unreachable(what, key, e);
        }
    }

    private static void check(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new StoreException(
                    "The key “" + key + "” is not allowed: letters, digits, . _ - and single slashes.");
        }
    }

    private StoreUnreachable unreachable(String what, String key, Exception e) {
        return new StoreUnreachable(message(what, key, e), e);
    }

    private String message(String what, String key, Exception e) {
        return "Could not " + what + " " + key + " in " + config + ": " + e.getMessage()
                + ". Look whether the server runs, the bucket is there and the keys are right.";
    }
}
