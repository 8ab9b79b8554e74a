package dev.squadron.inference.endpoint;

import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.kit.http.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Refuses bodies that are too large before they are read. */
public class BodyLimit {
    private final InferenceSettings settings;

    BodyLimit(InferenceSettings settings) {
        this.settings = settings;
    }

    @ServerRequestFilter(preMatching = true)
    Optional<Response> check(ContainerRequestContext request) {
        long limit = settings.requestBytes();
        int length = request.getLength();
        if (length <= limit) {
            return Optional.empty();
        }
        return Optional.of(Problem.of(
                        413,
                        "too-large",
                        "The body is too large",
                        "The body has " + length + " bytes and may have " + limit + "; send fewer questions at once.")
                .response());
    }
}
