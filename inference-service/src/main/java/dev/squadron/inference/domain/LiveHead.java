package dev.squadron.inference.domain;

/**
 * The head that answers now. A batch pins it, so a switch never takes a head away from a batch that uses it: the old one is
 * closed when its last batch lets go. Thread-safe.
 */
public final class LiveHead implements AutoCloseable {

    /** A head and the batches that use it. */
    private static final class Holding {
        private final ServedHead head;
        private int pins;
        private boolean retired;

        private Holding(ServedHead head) {
            this.head = head;
        }

        private boolean isUnused() {
            return retired && pins == 0;
        }
    }

    /** A batch's hold on a head. */
    public final class Pin implements AutoCloseable {
        private final Holding holding;

        private Pin(Holding holding) {
            this.holding = holding;
        }

        /** Returns the head. */
        public ServedHead head() {
            return holding.head;
        }

        @Override
        public void close() {
            boolean unused;
            synchronized (lock) {
                holding.pins--;
                unused = holding.isUnused();
            }
            if (unused) {
                holding.head.reader().close();
            }
        }
    }

    private final Object lock = new Object();
    private Holding live;

    /** Begins with {@code first}. */
    public LiveHead(ServedHead first) {
        live = new Holding(first);
    }

    /** Holds the head that is live now until the pin is closed. */
    public Pin pin() {
        synchronized (lock) {
            live.pins++;
            return new Pin(live);
        }
    }

    /** Returns the head that is live now. */
    public ServedHead current() {
        synchronized (lock) {
            return live.head;
        }
    }

    /** Makes {@code next} answer the batches that begin from now on. */
    public void switchTo(ServedHead next) {
        Holding old;
        boolean unused;
        synchronized (lock) {
            old = live;
            live = new Holding(next);
            old.retired = true;
            unused = old.isUnused();
        }
        if (unused) {
            old.head.reader().close();
        }
    }

    /** Closes the live head after its last batch; nothing is pinned from now on. */
    @Override
    public void close() {
        boolean unused;
        synchronized (lock) {
            live.retired = true;
            unused = live.isUnused();
        }
        if (unused) {
            live.head.reader().close();
        }
    }
}
