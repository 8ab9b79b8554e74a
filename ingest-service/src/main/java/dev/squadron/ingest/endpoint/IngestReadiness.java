package dev.squadron.ingest.endpoint;

import dev.squadron.ingest.listener.Datasets;
import dev.squadron.kit.health.Dependencies;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the topic of data sets has been read, and while Kafka and the bucket answer. */
@Readiness
@ApplicationScoped
public class IngestReadiness implements HealthCheck {
    private final Datasets datasets;
    private final Dependencies dependencies;

    IngestReadiness(Datasets datasets, Dependencies dependencies) {
        this.datasets = datasets;
        this.dependencies = dependencies;
    }

    @Override
    public HealthCheckResponse call() {
        return dependencies.readiness("ingest", "datasets", datasets.isCaughtUp());
    }
}
