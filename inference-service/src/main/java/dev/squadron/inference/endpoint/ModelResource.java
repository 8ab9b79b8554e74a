package dev.squadron.inference.endpoint;

import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.inference.domain.CheckpointHeads;
import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.ModelState;
import dev.squadron.inference.domain.NothingToRollBack;
import dev.squadron.inference.listener.CheckpointAnnouncer;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.ProblemException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tells what serves, makes a checkpoint live, and goes back to what served before. */
@Path("/v1/model")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Model")
public class ModelResource {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final HeadSwap swap;
    private final CheckpointHeads heads;
    private final CheckpointAnnouncer announcer;

    ModelResource(HeadSwap swap, CheckpointHeads heads, CheckpointAnnouncer announcer) {
        this.swap = swap;
        this.heads = heads;
        this.announcer = announcer;
    }

    @GET
    @Operation(summary = "Tells which checkpoint answers, and which ones were refused")
    public ModelState model() {
        return swap.state();
    }

    @POST
    @Path("/promotion")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Makes a checkpoint of the bucket live",
            description = "Publishes the event that all instances follow; each of them switches when it has loaded and"
                    + " verified the checkpoint. One that cannot serve is refused, and GET /v1/model says why.")
    @APIResponse(
            responseCode = "202",
            description = "The event that was published",
            content = @Content(schema = @Schema(implementation = CheckpointEvent.class)))
    @APIResponse(responseCode = "404", description = "There is no such checkpoint of this model")
    @APIResponse(responseCode = "503", description = "Kafka or the bucket does not answer; see Retry-After")
    public Response promote(@Valid @NotNull(message = "is missing") PromotionForm form) {
        try {
            CheckpointEvent event = heads.find(swap.state().model(), form.checkpoint())
                    .map(swap::promotion)
                    .orElseThrow(() -> ProblemException.notFound("There is no checkpoint " + form.checkpoint()
                            + " of this model in the bucket; a run, a sweep or an import tells its id."));
            announcer.announce(event);
            return Response.accepted(event).build();
        } catch (IOException e) {
            throw unreachable("Kafka or the bucket", e);
        }
    }

    @POST
    @Path("/rollback")
    @Operation(
            summary = "Makes the previous checkpoint live again",
            description =
                    "Publishes the event that all instances follow; each of them switches when it has loaded the head.")
    @APIResponse(
            responseCode = "202",
            description = "The event that was published",
            content = @Content(schema = @Schema(implementation = CheckpointEvent.class)))
    @APIResponse(responseCode = "409", description = "No other head was live before")
    @APIResponse(responseCode = "503", description = "Kafka does not answer; see Retry-After")
    public Response rollback() {
        try {
            CheckpointEvent event = swap.rollback();
            announcer.announce(event);
            return Response.accepted(event).build();
        } catch (NothingToRollBack e) {
            throw ProblemException.conflict("nothing-to-roll-back", e.getMessage());
        } catch (IOException e) {
            throw unreachable("Kafka", e);
        }
    }

    private static ProblemException unreachable(String what, IOException fault) {
        return new ProblemException(
                Problem.of(503, "unreachable", what + " does not answer", fault.getMessage() + " Ask again later."),
                RETRY);
    }
}
