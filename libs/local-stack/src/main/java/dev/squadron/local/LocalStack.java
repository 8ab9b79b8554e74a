package dev.squadron.local;

import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

/**
 * What the services stand on, without Docker: a Kafka broker with Squadron's topics, and an S3 server with a bucket. Its data
 * lies in one folder, and goes on from there.
 */
public final class LocalStack implements AutoCloseable {
    /** The bucket. */
    public static final String BUCKET = "squadron";

    private static final int PARTITIONS = 3;

    private final KafkaBroker broker;
    private final ObjectStoreServer store;
    private final String accessKey;
    private final String secretKey;

    private LocalStack(KafkaBroker broker, ObjectStoreServer store, String accessKey, String secretKey) {
        this.broker = broker;
        this.store = store;
        this.accessKey = accessKey;
        this.secretKey = secretKey;
    }

    /** Starts both on free ports; {@code directory} holds their data. */
    public static LocalStack start(Path directory) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String accessKey = "squadron";
        String secretKey = HexFormat.of().formatHex(random);
        KafkaBroker broker = KafkaBroker.start(directory.resolve("kafka"), 0);
        try {
            StackTopics.create(broker.bootstrapServers(), PARTITIONS);
            ObjectStoreServer store =
                    ObjectStoreServer.start(directory.resolve("objects"), 0, accessKey, secretKey, BUCKET);
            return new LocalStack(broker, store, accessKey, secretKey);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** Returns what Kafka clients take as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Returns where S3 clients connect. */
    public URI storeEndpoint() {
        return store.endpoint();
    }

    /** Returns the settings of a service that stands on this stack. */
    public Map<String, String> settings() {
        return Map.of(
                "kafka.bootstrap.servers", bootstrapServers(),
                "squadron.store.endpoint", storeEndpoint().toString(),
                "squadron.store.bucket", BUCKET,
                "squadron.store.access-key", accessKey,
                "squadron.store.secret-key", secretKey);
    }

    @Override
    public void close() {
        store.close();
        broker.close();
    }

    /**
     * Runs a stack until it is told to stop, and writes its settings to {@code settings.properties} in its folder, which only
     * its owner may read, once all is ready.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]);
        LocalStack stack = start(directory);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stack.close();
            stopped.countDown();
        }));
        Properties settings = new Properties();
        settings.putAll(stack.settings());
        Path file = Files.createTempFile(
                directory,
                "settings",
                null,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        Files.move(file, directory.resolve("settings.properties"), StandardCopyOption.ATOMIC_MOVE);
        stopped.await();
    }
}
