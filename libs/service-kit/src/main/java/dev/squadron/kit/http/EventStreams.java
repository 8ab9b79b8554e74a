package dev.squadron.kit.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.ContractJson;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.nio.BufferOverflowException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The streams of server-sent events that a service has open: a comment comes every 15 s, so that a dead connection is noticed, and a
 * reader that is too slow gets a last event {@value #DROPPED} instead of what it has missed.
 */
@ApplicationScoped
public class EventStreams {
    /** The name of the last event of a reader that was too slow. */
    public static final String DROPPED = "dropped";

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration RETRY = Duration.ofSeconds(10);
    /** Events that a slow reader may be behind before its stream ends. */
    private static final int BUFFER = 8_192;

    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor();
    private final Set<MultiEmitter<? super OutboundSseEvent>> open = ConcurrentHashMap.newKeySet();

    /** Something that tells of what happens. */
    @FunctionalInterface
    public interface Source {
        /**
         * Begins to tell.
         *
         * @param sink may be told from any thread, one at a time
         * @return ends the telling; called once
         */
        Runnable follow(Sink sink);
    }

    /** Takes what happens; never blocks. */
    public interface Sink {
        /**
         * Takes an event.
         *
         * @param id what a reader says on its return, in {@code Last-Event-ID}
         * @param name its kind
         * @param message written as the topics' JSON
         */
        void event(String id, String name, Object message);

        /** Ends the stream behind the events before. */
        void end();
    }

    /**
     * Opens a stream.
     *
     * @param limit streams that may be open at a time
     * @throws ProblemException 503 where there are as many
     */
    public Multi<OutboundSseEvent> open(Sse sse, int limit, Source source) {
        if (open.size() >= limit) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "too-many-streams",
                            "Too many follow the events",
                            limit + " follow already; close one, or ask again later."),
                    RETRY);
        }
        return Multi.createFrom()
                .<OutboundSseEvent>emitter(emitter -> follow(emitter, sse, source), BUFFER)
                .onFailure(BufferOverflowException.class)
                .recoverWithItem(() -> sse.newEventBuilder()
                        .name(DROPPED)
                        .mediaType(MediaType.TEXT_PLAIN_TYPE)
                        .data("More than " + BUFFER + " events waited to be read; come again for what is known then.")
                        .build());
    }

    /** Streams may have no end of their own: without this, a stop would wait for them. */
    void end(@Observes @Priority(1) ShutdownEvent event) {
        open.forEach(MultiEmitter::complete);
        beats.shutdownNow();
    }

    private void follow(MultiEmitter<? super OutboundSseEvent> emitter, Sse sse, Source source) {
        open.add(emitter);
        OutboundSseEvent beat = sse.newEventBuilder().comment("still here").build();
        Future<?> heart = beats.scheduleAtFixedRate(
                () -> emitter.emit(beat), HEARTBEAT.toSeconds(), HEARTBEAT.toSeconds(), TimeUnit.SECONDS);
        Runnable subscription = source.follow(new Sink() {
            @Override
            public void event(String id, String name, Object message) {
                emitter.emit(sse.newEventBuilder()
                        .id(id)
                        .name(name)
                        .mediaType(MediaType.TEXT_PLAIN_TYPE)
                        .data(new String(ContractJson.write(message), UTF_8))
                        .build());
            }

            @Override
            public void end() {
                emitter.complete();
            }
        });
        emitter.onTermination(() -> {
            open.remove(emitter);
            heart.cancel(false);
            subscription.run();
        });
    }
}
