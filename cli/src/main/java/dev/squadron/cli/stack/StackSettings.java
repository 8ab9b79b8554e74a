package dev.squadron.cli.stack;

import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Home;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

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
        Map<String, String> environment = settings.stringPropertyNames().stream()
                .collect(Collectors.toMap(StackSettings::variable, settings::getProperty));
        return new StackSettings(settings.getProperty("kafka.bootstrap.servers"), StoreConfig.of(environment));
    }

    /** Returns the environment variable that stands for a property, by MicroProfile Config's rule. */
    private static String variable(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
