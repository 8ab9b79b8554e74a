package dev.squadron.trainer.endpoint;

import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.report.RunReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A run as a page. */
@Path("/v1/runs/{run}/report")
@Tag(name = "runs")
public class RunReportResource {
    private final RunBook book;
    private final RunReportStore reports;

    RunReportResource(RunBook book, ObjectStore store) {
        this.book = book;
        this.reports = new RunReportStore(store);
    }

    /** Returns the report that the trainer wrote at the end of a run, or else what is known so far. */
    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    @Operation(summary = "Show what a training run did and came to, as a page that needs nothing but itself")
    public byte[] report(@PathParam("run") String run) {
        RunEvent event = book.event(run).orElseThrow(() -> RunsResource.unknown(run));
        Optional<byte[]> written = event.state() == State.SUCCEEDED ? reports.find(run) : Optional.empty();
        return written.orElseGet(() -> RunReport.soFar(event, book.history(run)).write());
    }
}
