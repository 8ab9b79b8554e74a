package dev.squadron.inference.endpoint;

import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.EventFeed;
import dev.squadron.kit.http.EventStreams;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Tells pages what happens, as server-sent events. */
@Path("/v1/events")
@Tag(name = "Events")
public class EventsResource {
    private final EventFeed feed;
    private final InferenceSettings settings;
    private final EventStreams streams;

    EventsResource(EventFeed feed, InferenceSettings settings, EventStreams streams) {
        this.feed = feed;
        this.settings = settings;
        this.streams = streams;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.TEXT_PLAIN)
    @Operation(
            summary = "Follows data sets, runs, checkpoints and the live head",
            description =
                    "Events named dataset, progress, checkpoint and model, with the topics' JSON; the last ones come"
                            + " first. A comment comes every 15 s; a reader that is too slow gets a last event named dropped.")
    @APIResponse(responseCode = "200", description = "A stream without end")
    @APIResponse(responseCode = "503", description = "Too many follow already; see Retry-After")
    public Multi<OutboundSseEvent> follow(@Context Sse sse) {
        return streams.open(
                sse,
                settings.eventStreams(),
                sink -> feed.follow(event -> sink.event(
                        Long.toString(event.number()), event.kind().name().toLowerCase(Locale.ROOT), event.message()))
                        ::close);
    }
}
