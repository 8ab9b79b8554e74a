package dev.squadron.trainer.listener;

import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.mlflow.MlflowStub;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A Kafka broker, an S3 server and a stub of MLflow for a test of the service, and a data set {@value #DATASET} in the topic. */
public class StackResource implements QuarkusTestResourceLifecycleManager {
    static final String DATASET = "handbook";

    private LocalStack stack;
    private MlflowStub mlflow;

    @Override
    public Map<String, String> start() {
        try {
            Path directory = Files.createTempDirectory("trainer-it");
            stack = LocalStack.start(directory);
            try (TrainerFixture fixture = new TrainerFixture(stack.settings(), directory, TrainerFixture.DEMO_MODEL)) {
                fixture.write(DATASET, 4, false);
            }
            mlflow = new MlflowStub(0, null);
            Map<String, String> settings = new HashMap<>(stack.settings());
            settings.put("squadron.model.name", TrainerFixture.DEMO_MODEL.toString());
            settings.put(
                    "squadron.trainer.cache-directory",
                    directory.resolve("cache").toString());
            settings.put("squadron.trainer.mlflow.tracking-uri", mlflow.uri().toString());
            settings.put("quarkus.http.test-port", "0");
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("The stack for the test did not start", e);
        }
    }

    @Override
    public void stop() {
        if (mlflow != null) {
            mlflow.close();
        }
        if (stack != null) {
            stack.close();
        }
    }
}
