package dev.squadron.checkpoints.runstate;

import dev.squadron.checkpoints.store.ObjectStore;
import java.util.Optional;

/** The reports of runs in the bucket, found by the run's name. */
public final class RunReportStore {
    private static final int MAX_REPORT = 16 << 20;

    private final ObjectStore store;

    /** Keeps reports in {@code store}. */
    public RunReportStore(ObjectStore store) {
        this.store = store;
    }

    /** Keeps the report of a run, in place of one that is there. */
    public void keep(String run, byte[] report) {
        store.put(key(run), report);
    }

    /** Returns the report of a run, if it has one. */
    public Optional<byte[]> find(String run) {
        return store.read(key(run), MAX_REPORT);
    }

    private static String key(String run) {
        return "runs/" + run + "/report.html";
    }
}
