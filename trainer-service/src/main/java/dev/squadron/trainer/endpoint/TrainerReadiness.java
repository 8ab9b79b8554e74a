package dev.squadron.trainer.endpoint;

import dev.squadron.kit.health.Dependencies;
import dev.squadron.trainer.listener.RunLog;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the topics of runs have been read, and while Kafka and the bucket answer. */
@Readiness
@ApplicationScoped
public class TrainerReadiness implements HealthCheck {
    private final RunLog log;
    private final Dependencies dependencies;

    TrainerReadiness(RunLog log, Dependencies dependencies) {
        this.log = log;
        this.dependencies = dependencies;
    }

    @Override
    public HealthCheckResponse call() {
        return dependencies.readiness("trainer", "runs", log.isCaughtUp());
    }
}
