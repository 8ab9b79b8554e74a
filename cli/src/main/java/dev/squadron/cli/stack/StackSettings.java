package dev.squadron.cli.stack;

import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Home;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.util.Properties;

/**
 * Where Kafka and the bucket of a running stack are.
 *
 * @param bootstrapServers the brokers
 * @param store the bucket
 */
public record StackSettings(String bootstrapServers, StoreConfig store) {

    /** Returns the settings of the stack in {@code home}. */
    public static StackSettings of(Home home) {
        Properties settings = new Properties();
        try (Reader reader =
                Files.newBufferedReader(home.state().resolve("data").resolve("settings.properties"))) {
            settings.load(reader);
        } catch (IOException e) {
            throw new CliException("No stack is running here; start it with `squadron up`.", e);
        }
        return new StackSettings(
                settings.getProperty("kafka.bootstrap.servers"),
                new StoreConfig(
                        URI.create(settings.getProperty("squadron.store.endpoint", "http://localhost:9000")),
                        settings.getProperty("squadron.store.region", "us-east-1"),
                        settings.getProperty("squadron.store.bucket", "squadron"),
                        settings.getProperty("squadron.store.access-key", ""),
                        settings.getProperty("squadron.store.secret-key", "")));
    }
}
