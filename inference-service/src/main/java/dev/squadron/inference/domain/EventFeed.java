package dev.squadron.inference.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What happened lately in the pipeline, for the page: a newcomer gets the last events first, in the order in which they came,
 * and then each one as it comes. Thread-safe.
 */
public final class EventFeed {

    /** Kinds of events, and how many of each are kept. */
    public enum Kind {
        /** The state of a data set; the last of each data set is kept. */
        DATASET(200, true),
        /** How far a run is. */
        PROGRESS(2_000, false),
        /** What happened to the checkpoints of some model. */
        CHECKPOINT(50, false),
        /** What this instance answers with; the last one is kept. */
        MODEL(1, true);

        private final int kept;
        private final boolean lastOfKey;

        Kind(int kept, boolean lastOfKey) {
            this.kept = kept;
            this.lastOfKey = lastOfKey;
        }
    }

    /**
     * An event.
     *
     * @param number counts all events, from 1
     * @param kind what it tells
     * @param message what it says, a message of the contracts or a {@link ModelState}
     */
    public record Event(long number, Kind kind, Object message) {}

    /** A listener's place; closing it ends what it hears. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    private final Map<Kind, Deque<Event>> recent = new LinkedHashMap<>();
    private final Map<Kind, Map<String, Event>> last = new LinkedHashMap<>();
    private final List<Consumer<Event>> listeners = new ArrayList<>();
    private long number;

    /** Adds an event and tells everybody. */
    public synchronized void add(Kind kind, String key, Object message) {
        Event event = new Event(++number, kind, message);
        if (kind.lastOfKey) {
            Map<String, Event> events = last.computeIfAbsent(kind, k -> new LinkedHashMap<>());
            events.remove(key);
            events.put(key, event);
            trim(events.values(), kind);
        } else {
            Deque<Event> events = recent.computeIfAbsent(kind, k -> new ArrayDeque<>());
            events.add(event);
            trim(events, kind);
        }
        List.copyOf(listeners).forEach(listener -> listener.accept(event));
    }

    /**
     * Tells {@code listener} what happened lately and what happens from now on.
     *
     * @param listener must not block
     */
    public synchronized Subscription follow(Consumer<Event> listener) {
        List<Event> past = new ArrayList<>();
        recent.values().forEach(past::addAll);
        last.values().forEach(events -> past.addAll(events.values()));
        past.sort(Comparator.comparingLong(Event::number));
        past.forEach(listener);
        listeners.add(listener);
        return () -> remove(listener);
    }

    private synchronized void remove(Consumer<Event> listener) {
        listeners.remove(listener);
    }

    private static void trim(Collection<Event> events, Kind kind) {
        while (events.size() > kind.kept) {
            events.remove(events.iterator().next());
        }
    }
}
