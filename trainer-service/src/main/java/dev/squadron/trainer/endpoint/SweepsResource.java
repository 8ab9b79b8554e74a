package dev.squadron.trainer.endpoint;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepView;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.search.Candidate;
import dev.squadron.trainer.listener.SweepLog;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Searches for the best recipe over REST: ask for one, look at it, stop it. */
@Path("/v1/sweeps")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "sweeps")
public class SweepsResource {
    private final SweepBook book;
    private final SweepLog log;
    private final TrainerObserver observer;
    private final ModelSettings model;

    SweepsResource(SweepBook book, SweepLog log, TrainerObserver observer, ModelSettings model) {
        this.book = book;
        this.log = log;
        this.observer = observer;
        this.model = model;
    }

    /** Asks for a sweep; it begins as soon as the runs and sweeps before it have ended. */
    @POST
    @Operation(summary = "Ask for a search for the best recipe")
    public RestResponse<SweepView> request(@Valid @NotNull(message = "is missing") SweepRequest request)
            throws InvalidMessage {
        Requests.checkDataset(request.dataset());
        String wanted = Requests.model(request.model(), model);
        SweepPlan plan = SweepPlan.of(request.plan());
        var unused = Candidate.of(plan);
        Instant now = Instant.now();
        String sweep = Requests.name(request.sweep(), request.dataset(), now);
        if (book.event(sweep).isPresent()) {
            throw ProblemException.conflict(
                    "sweep-exists", "There is a sweep " + sweep + " already; choose another name.");
        }
        SweepEvent event =
                new SweepEvent(sweep, request.dataset(), wanted, plan, State.REQUESTED, null, null, null, null, now);
        log.request(event);
        return RestResponse.ResponseBuilder.<SweepView>accepted(SweepView.of(event))
                .location(URI.create("/v1/sweeps/" + sweep))
                .build();
    }

    /** Returns all sweeps, the oldest first. */
    @GET
    @Operation(summary = "List the sweeps")
    public Collection<SweepView> all() {
        return book.views();
    }

    /** Returns one sweep. */
    @GET
    @Path("/{sweep}")
    @Operation(summary = "Show a sweep with its trials")
    public SweepView one(@PathParam("sweep") String sweep) {
        return book.view(sweep).orElseThrow(() -> unknown(sweep));
    }

    /** Cancels a sweep; one that has ended stays as it is. */
    @DELETE
    @Path("/{sweep}")
    @Operation(summary = "Cancel a sweep")
    public RestResponse<Void> cancel(@PathParam("sweep") String sweep) {
        SweepEvent event = book.event(sweep).orElseThrow(() -> unknown(sweep));
        if (event.state().isFinal()) {
            throw ProblemException.conflict(
                    "sweep-ended",
                    "The sweep " + sweep + " has " + event.state().label() + " and cannot be cancelled.");
        }
        SweepEvent end = event.to(State.CANCELLED, "Cancelled over REST", Instant.now());
        log.request(end);
        observer.ended(end);
        return RestResponse.accepted();
    }

    static ProblemException unknown(String sweep) {
        return ProblemException.notFound("There is no sweep " + sweep + "; GET /v1/sweeps lists them.");
    }
}
