package dev.squadron.tokenizer.endpoint;

import dev.squadron.tokenizer.listener.RecordLoop;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the tokenizer is loaded and this replica has its share of the partitions. */
@Readiness
@ApplicationScoped
public class TokenizerReadiness implements HealthCheck {
    private final RecordLoop loop;

    TokenizerReadiness(RecordLoop loop) {
        this.loop = loop;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("tokenizer").status(loop.isAssigned()).build();
    }
}
