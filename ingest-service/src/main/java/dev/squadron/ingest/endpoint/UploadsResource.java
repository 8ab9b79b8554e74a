package dev.squadron.ingest.endpoint;

import dev.squadron.ingest.domain.SourceException;
import dev.squadron.ingest.source.Uploads;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.ProblemException;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Takes files that are to become data sets. */
@Path("/v1/uploads")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "datasets")
public class UploadsResource {

    /**
     * An upload.
     *
     * @param source what to name it by in {@code POST /v1/datasets}
     */
    public record Upload(String source) {}

    private final Uploads uploads;

    UploadsResource(Uploads uploads) {
        this.uploads = uploads;
    }

    /** Keeps the body of the request in the bucket. */
    @PUT
    @Blocking
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(summary = "Upload a file of records")
    public RestResponse<Upload> keep(InputStream body) throws IOException {
        try {
            return RestResponse.status(RestResponse.Status.CREATED, new Upload(uploads.keep(body)));
        } catch (SourceException e) {
            throw new ProblemException(Problem.of(413, "too-large", "The upload is too large", e.getMessage()));
        }
    }
}
