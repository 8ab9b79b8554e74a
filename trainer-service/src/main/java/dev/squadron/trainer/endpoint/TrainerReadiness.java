package dev.squadron.trainer.endpoint;

import dev.squadron.kit.health.Dependencies;
import dev.squadron.trainer.listener.RunLog;
import dev.squadron.trainer.listener.SweepLog;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the topics of runs and sweeps have been read, and while Kafka and the bucket answer. */
@Readiness
@ApplicationScoped
public class TrainerReadiness implements HealthCheck {
    private final RunLog runs;
    private final SweepLog sweeps;
    private final Dependencies dependencies;

    TrainerReadiness(RunLog runs, SweepLog sweeps, Dependencies dependencies) {
        this.runs = runs;
        this.sweeps = sweeps;
        this.dependencies = dependencies;
    }

    @Override
    public HealthCheckResponse call() {
        return dependencies.readiness("trainer", "runs", runs.isCaughtUp() && sweeps.isCaughtUp());
    }
}
