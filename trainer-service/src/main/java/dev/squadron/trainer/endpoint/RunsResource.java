package dev.squadron.trainer.endpoint;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.listener.RunLog;
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

/** Training runs over REST: ask for one, look at it, stop it. */
@Path("/v1/runs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "runs")
public class RunsResource {
    private final RunBook book;
    private final RunLog log;
    private final TrainerObserver observer;
    private final ModelSettings model;

    RunsResource(RunBook book, RunLog log, TrainerObserver observer, ModelSettings model) {
        this.book = book;
        this.log = log;
        this.observer = observer;
        this.model = model;
    }

    /** Asks for a run; it begins as soon as those before it have ended. */
    @POST
    @Operation(summary = "Ask for a training run")
    public RestResponse<RunView> request(@Valid @NotNull(message = "is missing") RunRequest request)
            throws InvalidMessage {
        Requests.checkDataset(request.dataset());
        String wanted = Requests.model(request.model(), model);
        Recipe recipe = request.recipe() == null ? Recipe.tutorial() : Recipe.of(request.recipe());
        Instant now = Instant.now();
        String run = Requests.name(request.run(), request.dataset(), now);
        if (book.event(run).isPresent()) {
            throw ProblemException.conflict("run-exists", "There is a run " + run + " already; choose another name.");
        }
        RunEvent event =
                new RunEvent(run, request.dataset(), wanted, recipe, RunEvent.State.REQUESTED, null, null, now);
        log.request(event);
        return RestResponse.ResponseBuilder.<RunView>accepted(RunView.of(event))
                .location(URI.create("/v1/runs/" + run))
                .build();
    }

    /** Returns all runs, the oldest first. */
    @GET
    @Operation(summary = "List the training runs")
    public Collection<RunView> all() {
        return book.views();
    }

    /** Returns one run. */
    @GET
    @Path("/{run}")
    @Operation(summary = "Show a training run")
    public RunView one(@PathParam("run") String run) {
        return book.view(run).orElseThrow(() -> unknown(run));
    }

    /** Cancels a run; one that has ended stays as it is. */
    @DELETE
    @Path("/{run}")
    @Operation(summary = "Cancel a training run")
    public RestResponse<Void> cancel(@PathParam("run") String run) {
        RunEvent event = book.event(run).orElseThrow(() -> unknown(run));
        if (event.state().isFinal()) {
            throw ProblemException.conflict(
                    "run-ended", "The run " + run + " has " + event.state().label() + " and cannot be cancelled.");
        }
        RunEvent end = event.to(RunEvent.State.CANCELLED, null, "Cancelled over REST", Instant.now());
        log.request(end);
        observer.ended(end);
        return RestResponse.accepted();
    }

    static ProblemException unknown(String run) {
        return ProblemException.notFound("There is no run " + run + "; GET /v1/runs lists them.");
    }
}
