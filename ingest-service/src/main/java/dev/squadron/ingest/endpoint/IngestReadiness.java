package dev.squadron.ingest.endpoint;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.ingest.listener.Datasets;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the topic of data sets has been read and the bucket answers. */
@Readiness
@ApplicationScoped
public class IngestReadiness implements HealthCheck {
    private final Datasets datasets;
    private final ObjectStore store;

    IngestReadiness(Datasets datasets, ObjectStore store) {
        this.datasets = datasets;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        boolean known = datasets.isCaughtUp();
        boolean bucket = store.isReady();
        return HealthCheckResponse.named("ingest")
                .status(known && bucket)
                .withData("datasets", known ? "read" : "being read")
                .withData("bucket", bucket ? "ready" : "no answer from " + store)
                .build();
    }
}
