package dev.squadron.inference.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.ContractJson;
import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.EventFeed;
import dev.squadron.inference.domain.EventFeed.Event;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.ProblemException;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Tells pages what happens, as server-sent events. */
@Path("/v1/events")
@ApplicationScoped
@Tag(name = "Events")
public class EventsResource {
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** Events that a slow page may be behind before its stream ends; it comes again and gets the last ones. */
    private static final int BUFFER = 8_192;

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final EventFeed feed;
    private final InferenceSettings settings;
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor();
    private final Set<MultiEmitter<? super OutboundSseEvent>> open = ConcurrentHashMap.newKeySet();

    EventsResource(EventFeed feed, InferenceSettings settings) {
        this.feed = feed;
        this.settings = settings;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.TEXT_PLAIN)
    @Operation(
            summary = "Follows data sets, runs, checkpoints and the live head",
            description =
                    "Events named dataset, progress, checkpoint and model, with the topics' JSON; the last ones come"
                            + " first. A comment comes every 15 s.")
    @APIResponse(responseCode = "200", description = "A stream without end")
    @APIResponse(responseCode = "503", description = "Too many follow already; see Retry-After")
    public Multi<OutboundSseEvent> follow(@Context Sse sse) {
        if (open.size() >= settings.eventStreams()) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "too-many-streams",
                            "Too many pages follow the events",
                            settings.eventStreams() + " follow already; close one, or ask again later."),
                    RETRY);
        }
        return Multi.createFrom().emitter(emitter -> follow(emitter, sse), BUFFER);
    }

    /** Streams have no end of their own: without this, a stop would wait for them. */
    void end(@Observes @Priority(1) ShutdownEvent event) {
        open.forEach(MultiEmitter::complete);
        beats.shutdownNow();
    }

    private void follow(MultiEmitter<? super OutboundSseEvent> emitter, Sse sse) {
        open.add(emitter);
        OutboundSseEvent beat = sse.newEventBuilder().comment("still here").build();
        Future<?> heart = beats.scheduleAtFixedRate(
                () -> emitter.emit(beat), HEARTBEAT.toSeconds(), HEARTBEAT.toSeconds(), TimeUnit.SECONDS);
        EventFeed.Subscription subscription = feed.follow(event -> emitter.emit(of(event, sse)));
        emitter.onTermination(() -> {
            open.remove(emitter);
            heart.cancel(false);
            subscription.close();
        });
    }

    private static OutboundSseEvent of(Event event, Sse sse) {
        return sse.newEventBuilder()
                .id(Long.toString(event.number()))
                .name(event.kind().name().toLowerCase(Locale.ROOT))
                .mediaType(MediaType.TEXT_PLAIN_TYPE)
                .data(new String(ContractJson.write(event.message()), UTF_8))
                .build();
    }
}
