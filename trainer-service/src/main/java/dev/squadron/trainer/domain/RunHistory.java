package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run has told of itself, the oldest first: of each stage the last word, of training every step and epoch. What a resumed
 * trainer does once more takes the place of what was told of it before. Long runs are thinned, so memory is bounded. Thread-safe.
 */
public final class RunHistory {
    private static final int MAX_STEPS = 2_000;

    private final List<Progress> told = new ArrayList<>();

    /** Begins with nothing. */
    public RunHistory() {}

    /** Begins with what is known. */
    public RunHistory(List<Progress> known) {
        told.addAll(known);
    }

    /** Takes what is told next. */
    public synchronized void add(Progress next) {
        told.removeIf(known -> isSuperseded(known, next));
        told.add(next);
        if (told.stream().filter(RunHistory::isStep).count() > MAX_STEPS) {
            thin();
        }
    }

    /** Returns all of it. */
    public synchronized List<Progress> all() {
        return List.copyOf(told);
    }

    /** Returns whether it tells of an update, and not of the end of an epoch or a stage. */
    public static boolean isStep(Progress progress) {
        return progress.step() != null && progress.metrics() == null;
    }

    private static boolean isSuperseded(Progress known, Progress next) {
        if (known.stage() != next.stage()) {
            return false;
        }
        if (known.step() == null || next.step() == null) {
            return known.step() == null;
        }
        return known.step() > next.step() || (known.step().equals(next.step()) && isStep(known) == isStep(next));
    }

    private void thin() {
        boolean[] kept = {false};
        told.removeIf(known -> isStep(known) && (kept[0] = !kept[0]));
    }
}
