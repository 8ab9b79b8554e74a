package dev.squadron.inference;

import dev.squadron.local.LocalStack;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A Kafka broker, an S3 server and the demo model for a test of the service. */
public class StackResource implements QuarkusTestResourceLifecycleManager {
    private LocalStack stack;

    @Override
    public Map<String, String> start() {
        try {
            Path directory = Files.createTempDirectory("inference-it");
            stack = LocalStack.start(directory);
            Map<String, String> settings = new HashMap<>(stack.settings());
            settings.put("squadron.model.name", model().toString());
            settings.put(
                    "squadron.inference.cache-directory",
                    directory.resolve("cache").toString());
            settings.put("squadron.inference.taps", "true");
            settings.put("quarkus.http.test-port", "0");
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    /** Returns the demo model's directory. */
    static Path model() {
        return Path.of(System.getProperty("squadron.home"), "models", "squadlet");
    }
}
