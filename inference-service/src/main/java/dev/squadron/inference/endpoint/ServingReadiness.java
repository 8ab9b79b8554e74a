package dev.squadron.inference.endpoint;

import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.ModelState;
import dev.squadron.kit.health.Dependencies;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the model is warm, the checkpoints have been read, and the live one answers. Without Kafka or the bucket it stays ready and
 * says so: it goes on answering, and only new heads wait.
 */
@Readiness
@ApplicationScoped
public class ServingReadiness implements HealthCheck {
    private final HeadSwap swap;
    private final Dependencies dependencies;

    ServingReadiness(HeadSwap swap, Dependencies dependencies) {
        this.swap = swap;
        this.dependencies = dependencies;
    }

    @Override
    public HealthCheckResponse call() {
        ModelState state = swap.state();
        boolean settled = swap.settled().isDone();
        return dependencies
                .ask()
                .tell(HealthCheckResponse.named("serving"))
                .status(settled)
                .withData("model", state.model())
                .withData("checkpoint", Objects.requireNonNullElse(state.checkpoint(), AnswersResource.OWN_HEAD))
                .withData("checkpoints", settled ? "read" : "being read")
                .build();
    }
}
