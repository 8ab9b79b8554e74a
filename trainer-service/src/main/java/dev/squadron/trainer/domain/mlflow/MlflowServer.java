package dev.squadron.trainer.domain.mlflow;

import java.net.URI;
import java.util.Optional;

/**
 * Where runs are tracked.
 *
 * @param trackingUri the server, {@code http} or {@code https}
 * @param experiment the name of the experiment that the runs belong to
 * @param token what the server knows this service by, if it asks; in no text that this gives
 */
public record MlflowServer(URI trackingUri, String experiment, Optional<String> token) {

    public MlflowServer {
        if (trackingUri.getHost() == null
                || !("http".equals(trackingUri.getScheme()) || "https".equals(trackingUri.getScheme()))) {
            throw new IllegalArgumentException("The tracking URI " + trackingUri
                    + " of squadron.trainer.mlflow.tracking-uri must be that of an MLflow server, for instance"
                    + " http://localhost:5000.");
        }
        if (trackingUri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "squadron.trainer.mlflow.tracking-uri must hold no password; give a token"
                            + " in squadron.trainer.mlflow.token.");
        }
    }

    /** Returns a path of the server. */
    URI resolve(String path) {
        String base = trackingUri.toString();
        return URI.create((base.endsWith("/") ? base : base + "/") + path);
    }

    /** Returns the header that shows the token. */
    Optional<String> authorization() {
        return token.map(secret -> "Bearer " + secret);
    }

    @Override
    public String toString() {
        return "MLflow at " + trackingUri;
    }
}
