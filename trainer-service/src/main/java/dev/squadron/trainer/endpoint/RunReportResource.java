package dev.squadron.trainer.endpoint;

import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.report.RunReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A run as a page. */
@Path("/v1/runs/{run}/report")
@Tag(name = "runs")
public class RunReportResource {
    private final RunBook book;

    RunReportResource(RunBook book) {
        this.book = book;
    }

    /** Returns the report of a run; of one that goes on, with what is known so far. */
    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    @Operation(summary = "Show what a training run did and came to, as a page that needs nothing but itself")
    public byte[] report(@PathParam("run") String run) {
        return book.event(run)
                .map(event -> new RunReport(event, book.history(run)).write())
                .orElseThrow(() -> RunsResource.unknown(run));
    }
}
