package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** All runs and their state, as the log tells them. */
public final class RunBook {
    private static final int MAX_HISTORIES = 100;

    private final Map<String, RunEvent> events = new LinkedHashMap<>();
    private final Map<String, RunView> views = new LinkedHashMap<>();

    private final Map<String, RunHistory> histories = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RunHistory> eldest) {
            return size() > MAX_HISTORIES;
        }
    };

    private final Map<String, List<RunFollower>> followers = new HashMap<>();

    /** Takes a change of a run's state. */
    public synchronized void on(RunEvent event) {
        events.put(event.run(), event);
        views.merge(event.run(), RunView.of(event), (known, fresh) -> known.after(event));
        tell(event.run(), follower -> follower.onRun(event));
    }

    /** Takes a step forward of a run; one of a run that is not known is passed over. */
    public synchronized void on(Progress progress) {
        if (views.computeIfPresent(progress.run(), (run, known) -> known.after(progress)) != null) {
            histories.computeIfAbsent(progress.run(), run -> new RunHistory()).add(progress);
            tell(progress.run(), follower -> follower.onProgress(progress));
        }
    }

    /**
     * Tells {@code follower} what is known of a run, and what happens to it until its end.
     *
     * @return makes the follower hear no more
     */
    public synchronized Runnable follow(String run, RunFollower follower) {
        RunEvent event = events.get(run);
        follower.onRun(event);
        history(run).forEach(follower::onProgress);
        if (event.state().isFinal()) {
            follower.onEnd(views.get(run));
            return () -> {};
        }
        followers.computeIfAbsent(run, name -> new ArrayList<>()).add(follower);
        return () -> forget(run, follower);
    }

    private synchronized void forget(String run, RunFollower follower) {
        followers.computeIfPresent(run, (name, all) -> {
            all.remove(follower);
            return all.isEmpty() ? null : all;
        });
    }

    private void tell(String run, Consumer<RunFollower> news) {
        followers.getOrDefault(run, List.of()).forEach(news);
        if (isOver(run)) {
            Optional.ofNullable(followers.remove(run))
                    .ifPresent(all -> all.forEach(follower -> follower.onEnd(views.get(run))));
        }
    }

    /** Two topics tell of a run: one that has succeeded is over once the other says so too. */
    private boolean isOver(String run) {
        RunEvent.State state = events.get(run).state();
        return state.isFinal()
                && (state != RunEvent.State.SUCCEEDED
                        || history(run).stream().anyMatch(progress -> progress.stage() == Progress.Stage.DONE));
    }

    /** Returns what the run of that name has told so far; of a run long ago, nothing. */
    public synchronized List<Progress> history(String run) {
        RunHistory history = histories.get(run);
        return history == null ? List.of() : history.all();
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

    /** Returns the last event of each run, the oldest run first. */
    public synchronized List<RunEvent> events() {
        return List.copyOf(events.values());
    }

    /** Returns the oldest run that has not come to an end. */
    public synchronized Optional<RunEvent> next() {
        return events.values().stream()
                .filter(event -> !event.state().isFinal())
                .findFirst();
    }
}
