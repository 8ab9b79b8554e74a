package dev.squadron.inference.endpoint;

import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.ModelState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the model is warm, the checkpoints have been read, and the live one answers. */
@Readiness
@ApplicationScoped
public class ServingReadiness implements HealthCheck {
    private final HeadSwap swap;

    ServingReadiness(HeadSwap swap) {
        this.swap = swap;
    }

    @Override
    public HealthCheckResponse call() {
        ModelState state = swap.state();
        boolean settled = swap.settled().isDone();
        return HealthCheckResponse.named("serving")
                .status(settled)
                .withData("model", state.model())
                .withData("checkpoint", Objects.requireNonNullElse(state.checkpoint(), AnswersResource.OWN_HEAD))
                .withData("checkpoints", settled ? "read" : "being read")
                .build();
    }
}
