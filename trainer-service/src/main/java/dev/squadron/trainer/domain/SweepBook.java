package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.SweepEvent;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** All sweeps and their state, as the log tells them. What has ended stays as it is. */
public final class SweepBook {
    private final Map<String, SweepEvent> events = new LinkedHashMap<>();
    private final Map<String, SweepView> views = new LinkedHashMap<>();
    private final Map<String, Consumer<SweepView>> followers = new HashMap<>();

    /** Takes a change of a sweep. */
    public synchronized void on(SweepEvent event) {
        SweepEvent before = events.get(event.sweep());
        if (before == null || !before.state().isFinal()) {
            events.put(event.sweep(), event);
            views.merge(event.sweep(), SweepView.of(event), (known, fresh) -> known.after(event));
            tell(event.sweep());
        }
    }

    /** Takes a step forward of a trial; any other is passed over. */
    public synchronized void on(Progress progress) {
        int slash = progress.run().indexOf('/');
        if (slash > 0) {
            String sweep = progress.run().substring(0, slash);
            if (views.computeIfPresent(sweep, (name, known) -> known.after(progress)) != null) {
                tell(sweep);
            }
        }
    }

    /**
     * Tells {@code follower} what is known of a sweep, and how it stands after each change until its end.
     *
     * @param follower takes the place of any other; must not block
     * @return makes the follower hear no more
     */
    public synchronized Runnable follow(String sweep, Consumer<SweepView> follower) {
        followers.put(sweep, follower);
        tell(sweep);
        return () -> leave(sweep);
    }

    private synchronized void leave(String sweep) {
        followers.remove(sweep);
    }

    private void tell(String sweep) {
        SweepView view = views.get(sweep);
        Optional.ofNullable(view.state().isFinal() ? followers.remove(sweep) : followers.get(sweep))
                .ifPresent(follower -> follower.accept(view));
    }

    /** Returns the sweep of that name. */
    public synchronized Optional<SweepView> view(String sweep) {
        return Optional.ofNullable(views.get(sweep));
    }

    /** Returns the last event of the sweep of that name. */
    public synchronized Optional<SweepEvent> event(String sweep) {
        return Optional.ofNullable(events.get(sweep));
    }

    /** Returns all sweeps, the oldest first. */
    public synchronized Collection<SweepView> views() {
        return List.copyOf(views.values());
    }

    /** Returns the oldest sweep that has not come to an end. */
    public synchronized Optional<SweepEvent> next() {
        return events.values().stream()
                .filter(event -> !event.state().isFinal())
                .findFirst();
    }
}
