package dev.squadron.inference.endpoint;

import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.kit.http.ProblemException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Shows the reports that trainers have put into the bucket, so that the page can lead to them. */
@Path("/v1/runs/{run: [a-z0-9][a-z0-9._-]*}/report")
@Tag(name = "Events")
public class RunReportsResource {
    private final RunReportStore reports;

    RunReportsResource(ObjectStore store) {
        this.reports = new RunReportStore(store);
    }

    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    @Operation(summary = "Shows what a training run did and came to, as a page that needs nothing but itself")
    @APIResponse(responseCode = "404", description = "There is no such run, or it goes on, or it has failed")
    public byte[] report(@PathParam("run") String run) {
        return reports.find(run)
                .orElseThrow(() -> ProblemException.notFound("There is no report of a run " + run
                        + "; it is written when a run has succeeded. The trainer shows what is known of others."));
    }
}
