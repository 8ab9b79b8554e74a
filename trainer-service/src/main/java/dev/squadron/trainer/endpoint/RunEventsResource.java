package dev.squadron.trainer.endpoint;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.kit.http.EventStreams;
import dev.squadron.kit.http.EventStreams.Sink;
import dev.squadron.trainer.config.TrainerSettings;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunFollower;
import dev.squadron.trainer.domain.RunView;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Tells how a run goes, as server-sent events. */
@Path("/v1/runs/{run}/events")
@Tag(name = "runs")
public class RunEventsResource {
    private static final String END = "end";

    private final RunBook book;
    private final EventStreams streams;
    private final TrainerSettings settings;

    RunEventsResource(RunBook book, EventStreams streams, TrainerSettings settings) {
        this.book = book;
        this.streams = streams;
        this.settings = settings;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.TEXT_PLAIN)
    @Operation(
            summary = "Follow a training run",
            description =
                    "Events named run and progress, with the topics' JSON: first what is known, of a long run fewer"
                            + " updates than were told, then what happens. The last one is named end, has the run as GET /v1/runs/{run}"
                            + " shows it, and comes as soon as the run has ended. Who comes again gets all that is known again; only"
                            + " Last-Event-ID: end is answered 204, which tells an EventSource to stay away. A comment comes every"
                            + " 15 s; a reader that is too slow gets a last event named dropped.")
    @APIResponse(responseCode = "200", description = "A stream that ends with the run")
    @APIResponse(responseCode = "204", description = "The reader has seen the end")
    @APIResponse(responseCode = "404", description = "There is no such run")
    @APIResponse(responseCode = "503", description = "Too many follow already; see Retry-After")
    public Multi<OutboundSseEvent> follow(
            @PathParam("run") String run,
            @HeaderParam(HttpHeaders.LAST_EVENT_ID_HEADER) String last,
            @Context Sse sse) {
        if (book.event(run).isEmpty()) {
            throw RunsResource.unknown(run);
        }
        if (END.equals(last)) {
            throw new WebApplicationException(Response.noContent().build());
        }
        return streams.open(sse, settings.eventStreams(), sink -> book.follow(run, new Numbered(sink)));
    }

    /** Passes on what is told, numbered. */
    private static final class Numbered implements RunFollower {
        private final Sink sink;
        private long number;

        Numbered(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void onRun(RunEvent event) {
            sink.event(Long.toString(++number), "run", event);
        }

        @Override
        public void onProgress(Progress progress) {
            sink.event(Long.toString(++number), "progress", progress);
        }

        @Override
        public void onEnd(RunView view) {
            sink.event(END, END, view);
            sink.end();
        }
    }
}
