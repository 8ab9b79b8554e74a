package dev.squadron.inference.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where admitted questions wait, in the order in which they came. A batch is the oldest one and, of those whose answers are searched
 * in the same way, those nearest to it in length: nobody starves, and little of a batch is padding. Nothing waits for a batch to
 * fill. Thread-safe.
 */
final class WaitingRoom {
    private final int capacity;
    private final BatchLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final List<Ticket> waiting = new ArrayList<>();
    private boolean closed;

    WaitingRoom(int capacity, BatchLimits limits) {
        this.capacity = capacity;
        this.limits = limits;
    }

    /**
     * Lets all of {@code tickets} in, or none.
     *
     * @throws Overloaded if there is no room for them
     * @throws Draining once the room is closed
     */
    void admit(Collection<Ticket> tickets) {
        lock.lock();
        try {
            if (closed) {
                throw new Draining();
            }
            if (waiting.size() + tickets.size() > capacity) {
                waiting.removeIf(ticket -> !ticket.isWanted());
            }
            if (waiting.size() + tickets.size() > capacity) {
                throw new Overloaded(waiting.size(), capacity);
            }
            waiting.addAll(tickets);
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a question and returns its batch; an empty one once the room is closed and nobody waits. */
    List<Ticket> nextBatch() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                waiting.removeIf(ticket -> !ticket.isWanted());
                if (!waiting.isEmpty()) {
                    return takeBatch();
                }
                if (closed) {
                    return List.of();
                }
                arrived.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many wait. */
    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Admits nobody any more; those who wait are still served. */
    void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<Ticket> takeBatch() {
        Ticket oldest = waiting.get(0);
        int beams = oldest.decoding().rowsPerInput();
        List<Ticket> nearest = waiting.stream()
                .filter(ticket -> ticket.decoding().equals(oldest.decoding()))
                .sorted(Comparator.comparingInt(ticket ->
                        Math.abs(ticket.prompt().length() - oldest.prompt().length())))
                .toList();
        List<Ticket> batch = new ArrayList<>();
        int longest = 0;
        for (Ticket ticket : nearest) {
            int next = Math.max(longest, ticket.prompt().length());
            if (!limits.allow(batch.size() + 1, next, beams)) {
                break;
            }
            batch.add(ticket);
            longest = next;
        }
        Set<Ticket> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        taken.addAll(batch);
        waiting.removeIf(taken::contains);
        return batch;
    }
}
