package dev.squadron.tokenizer.endpoint;

import dev.squadron.kit.health.Dependencies;
import dev.squadron.tokenizer.listener.RecordLoop;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the tokenizer is loaded and this replica has its share of the partitions, and while Kafka answers. */
@Readiness
@ApplicationScoped
public class TokenizerReadiness implements HealthCheck {
    private final RecordLoop loop;
    private final Dependencies dependencies;

    TokenizerReadiness(RecordLoop loop, Dependencies dependencies) {
        this.loop = loop;
        this.dependencies = dependencies;
    }

    @Override
    public HealthCheckResponse call() {
        boolean assigned = loop.isAssigned();
        boolean kafka = dependencies.isKafkaThere();
        return HealthCheckResponse.named("tokenizer")
                .withData("kafka", Dependencies.answer(kafka))
                .withData("partitions", assigned ? "assigned" : "being assigned")
                .status(assigned && kafka)
                .build();
    }
}
