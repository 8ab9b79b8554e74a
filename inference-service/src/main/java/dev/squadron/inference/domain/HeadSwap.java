package dev.squadron.inference.domain;

import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the live head at what the checkpoints topic says: loads a new one beside it, on a thread of its own, and switches
 * when it is warm. A checkpoint that cannot be used leaves the live head where it is. Thread-safe.
 */
public final class HeadSwap implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeadSwap.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
    private static final int REFUSALS_KEPT = 10;

    private final String model;
    private final LiveHead live;
    private final HeadSource source;
    private final ServingObserver observer;
    private final Consumer<ModelState> changed;
    private final Clock clock;
    private final Thread worker = new Thread(this::follow, "head-swap");
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private final List<ModelState.Refusal> refused = new ArrayList<>();

    private boolean caughtUp;
    private boolean closed;
    private CheckpointEvent latest;
    private long latestSeenNanos;
    private CheckpointEvent handled;
    private Instant since;
    private long swaps;

    /**
     * @param model events of other models are passed over
     * @param live has the model's own head in place
     * @param changed is told each change of {@link #state()}
     */
    public HeadSwap(
            String model,
            LiveHead live,
            HeadSource source,
            ServingObserver observer,
            Consumer<ModelState> changed,
            Clock clock) {
        this.model = model;
        this.live = live;
        this.source = source;
        this.observer = observer;
        this.changed = changed;
        this.clock = clock;
        this.since = clock.instant();
        worker.start();
    }

    /** Takes an event of the checkpoints topic. */
    public synchronized void on(CheckpointEvent event) {
        if (event.model().equals(model)) {
            latest = event;
            latestSeenNanos = System.nanoTime();
            notifyAll();
        }
    }

    /** Is told that the topic has been read to its end: only what came last counts, so loading begins now. */
    public synchronized void caughtUp() {
        caughtUp = true;
        notifyAll();
    }

    /** Completes when the head that the topic named at its end is live, or was refused. */
    public CompletableFuture<Void> settled() {
        return settled;
    }

    /** Returns what serves now. */
    public synchronized ModelState state() {
        Optional<CheckpointRef> current = live.current().checkpoint();
        boolean described =
                latest != null && current.isPresent() && current.get().equals(latest.checkpoint());
        boolean behind = latest != null && !Optional.ofNullable(latest.live()).equals(current);
        return new ModelState(
                model,
                id(current.orElse(null)),
                latest == null ? null : id(latest.previous()),
                since,
                described ? latest.at() : null,
                described && latest.metrics() != null ? latest.metrics() : Map.of(),
                swaps,
                behind ? id(latest.live()) : null,
                List.copyOf(refused));
    }

    /**
     * Returns the event that makes the previous head live again.
     *
     * @throws NothingToRollBack if no checkpoint was ever live
     */
    public synchronized CheckpointEvent rollback() {
        if (latest == null || Objects.equals(latest.live(), latest.previous())) {
            throw new NothingToRollBack(model);
        }
        return new CheckpointEvent(
                CheckpointEvent.Type.ROLLED_BACK,
                model,
                latest.live() == null ? latest.previous() : latest.live(),
                latest.previous(),
                latest.live(),
                null,
                null,
                clock.instant());
    }

    /** Returns the event that makes a checkpoint live, whoever made it. */
    public synchronized CheckpointEvent promotion(CheckpointRef checkpoint) {
        CheckpointRef before = latest == null ? null : latest.live();
        return new CheckpointEvent(
                CheckpointEvent.Type.PROMOTED,
                model,
                checkpoint,
                checkpoint,
                checkpoint.equals(before) ? latest.previous() : before,
                null,
                null,
                clock.instant());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        worker.interrupt();
        try {
            worker.join(LONGEST_RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try {
            for (CheckpointEvent next = next(); next != null; next = next()) {
                put(next);
                settled.complete(null);
            }
        } catch (InterruptedException e) {
            LOG.debug("No more heads are awaited");
        }
    }

    /** Waits for an event that was not handled yet; null once closed. */
    private synchronized CheckpointEvent next() throws InterruptedException {
        while (!closed && (!caughtUp || Objects.equals(handled, latest))) {
            if (caughtUp) {
                settled.complete(null);
            }
            wait();
        }
        return closed ? null : latest;
    }

    /** The checkpoint before it stands in where the first one cannot be used; later on, the live head stays. */
    private void put(CheckpointEvent event) throws InterruptedException {
        boolean used = use(event.live(), event);
        if (!used && isFirst() && event.previous() != null) {
            LOG.warn("The live checkpoint of {} cannot be used; the one before it is tried", model);
            use(event.previous(), event);
        }
        synchronized (this) {
            handled = event;
        }
        changed.accept(state());
    }

    private synchronized boolean isFirst() {
        return handled == null;
    }

    /** Returns whether it is live or overtaken; a store that does not answer is asked until a newer event comes. */
    private boolean use(CheckpointRef checkpoint, CheckpointEvent event) throws InterruptedException {
        Optional<CheckpointRef> wanted = Optional.ofNullable(checkpoint);
        Duration pause = FIRST_RETRY;
        while (!wanted.equals(live.current().checkpoint()) && isNewest(event)) {
            try {
                switchTo(source.load(wanted));
            } catch (HeadRefused | RuntimeException e) {
                refuse(checkpoint, e);
                return false;
            } catch (IOException e) {
                LOG.warn(
                        "Checkpoint {} cannot be loaded yet: {}. Trying again in {}",
                        checkpoint,
                        e.getMessage(),
                        pause);
                await(pause, event);
                pause = pause.compareTo(LONGEST_RETRY.dividedBy(2)) < 0 ? pause.multipliedBy(2) : LONGEST_RETRY;
            }
        }
        return true;
    }

    private synchronized boolean isNewest(CheckpointEvent event) {
        return !closed && event.equals(latest);
    }

    private synchronized void await(Duration pause, CheckpointEvent event) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toMillis(); left > 0 && isNewest(event); left = millisUntil(end)) {
            wait(left);
        }
    }

    private static long millisUntil(long end) {
        return Duration.ofNanos(end - System.nanoTime()).toMillis();
    }

    private synchronized void switchTo(ServedHead next) {
        live.switchTo(next);
        since = clock.instant();
        swaps++;
        Duration took = Duration.ofNanos(System.nanoTime() - latestSeenNanos);
        observer.swapped(took);
        LOG.info("{} answers with {} now, {} ms after its event", model, name(next.checkpointId()), took.toMillis());
    }

    private synchronized void refuse(CheckpointRef checkpoint, Exception why) {
        LOG.error("Checkpoint {} of {} is refused: {}", checkpoint, model, why.getMessage(), why);
        observer.refused();
        refused.add(0, new ModelState.Refusal(id(checkpoint), why.getMessage(), clock.instant()));
        while (refused.size() > REFUSALS_KEPT) {
            refused.remove(refused.size() - 1);
        }
    }

    private static String id(CheckpointRef checkpoint) {
        return checkpoint == null ? null : checkpoint.id();
    }

    private static String name(String checkpoint) {
        return checkpoint == null ? "its own head" : "checkpoint " + checkpoint;
    }
}
