package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All runs and their state, as the log tells them. */
public final class RunBook {
    private final Map<String, RunEvent> events = new LinkedHashMap<>();
    private final Map<String, RunView> views = new LinkedHashMap<>();

    /** Takes a change of a run's state. */
    public synchronized void on(RunEvent event) {
        events.put(event.run(), event);
        views.merge(event.run(), RunView.of(event), (known, fresh) -> known.after(event));
    }

    /** Takes a step forward of a run; one of a run that is not known is passed over. */
    public synchronized void on(Progress progress) {
        views.computeIfPresent(progress.run(), (run, known) -> known.after(progress));
    }

    /** Returns the run of that name. */
    public synchronized Optional<RunView> view(String run) {
        return Optional.ofNullable(views.get(run));
    }

    /** Returns the last event of the run of that name. */
    public synchronized Optional<RunEvent> event(String run) {
        return Optional.ofNullable(events.get(run));
    }

    /** Returns all runs, the oldest first. */
    public synchronized Collection<RunView> views() {
        return List.copyOf(views.values());
    }

    /** Returns the oldest run that has not come to an end. */
    public synchronized Optional<RunEvent> next() {
        return events.values().stream()
                .filter(event -> !event.state().isFinal())
                .findFirst();
    }
}
