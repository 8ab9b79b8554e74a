package dev.squadron.trainer.endpoint;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.trainer.listener.RunLog;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the topics of runs have been read and the bucket answers. */
@Readiness
@ApplicationScoped
public class TrainerReadiness implements HealthCheck {
    private final RunLog log;
    private final ObjectStore store;

    TrainerReadiness(RunLog log, ObjectStore store) {
        this.log = log;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        boolean runs = log.isCaughtUp();
        boolean bucket = store.isReady();
        return HealthCheckResponse.named("trainer")
                .status(runs && bucket)
                .withData("runs", runs ? "read" : "being read")
                .withData("bucket", bucket ? "ready" : "no answer from " + store)
                .build();
    }
}
