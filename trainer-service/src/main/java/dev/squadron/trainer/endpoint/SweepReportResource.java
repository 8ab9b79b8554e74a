package dev.squadron.trainer.endpoint;

import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.report.SweepReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A sweep as a page. */
@Path("/v1/sweeps/{sweep}/report")
@Tag(name = "sweeps")
public class SweepReportResource {
    private final SweepBook book;

    SweepReportResource(SweepBook book) {
        this.book = book;
    }

    /** Returns the report of a sweep; of one that goes on, with what is known so far. */
    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    @Operation(summary = "Show which trials of a sweep were best, as a page that needs nothing but itself")
    public byte[] report(@PathParam("sweep") String sweep) {
        return book.view(sweep)
                .map(view -> new SweepReport(view).write())
                .orElseThrow(() -> SweepsResource.unknown(sweep));
    }
}
