package dev.squadron.trainer.domain.continuous;

import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What the runs of a model tell about its folds: nothing else remembers them. */
public final class Folds {
    private final List<RunEvent> runs;

    /** @param runs the last event of each run of all models, the oldest run first */
    public Folds(List<RunEvent> runs, String model) {
        this.runs = runs.stream().filter(run -> run.model().equals(model)).toList();
    }

    /** Returns how many folds there were. */
    public long count() {
        return folds().count();
    }

    /** Returns where the new examples stand that a fold failed to learn from. */
    public List<PartitionRange> failed() {
        return folds().filter(run -> run.state() == State.FAILED)
                .flatMap(run -> run.fold().fresh().stream())
                .toList();
    }

    /** Returns up to which offset, by partition, the token batches are done with. */
    public Map<Integer, Long> position() {
        Map<Integer, Long> position = new HashMap<>();
        folds().filter(Folds::isSettled)
                .flatMap(run -> run.fold().fresh().stream())
                .forEach(range -> position.merge(range.partition(), range.to(), Math::max));
        return position;
    }

    /**
     * Returns the data set that a fold into a head replays and is measured by: the one that the head was trained on, or else that
     * of the last run. Empty where there was none.
     *
     * @param checkpoint of the head; null: the model's own
     */
    public Optional<String> dataset(CheckpointRef checkpoint) {
        return maker(checkpoint)
                .or(() -> last(runs.stream().filter(run -> run.fold() == null && run.state() == State.SUCCEEDED)))
                .map(RunEvent::dataset);
    }

    /**
     * Returns where the examples stand that folds have taught a head: for one that a fold has made, its own and those before it;
     * for one that a run has made, those of the last fold that was admitted before that run.
     *
     * @param checkpoint of the head; null: the model's own, which nothing was taught
     */
    public List<PartitionRange> taught(CheckpointRef checkpoint) {
        if (checkpoint == null) {
            return List.of();
        }
        Optional<RunEvent> maker = maker(checkpoint);
        Optional<RunEvent> last = maker.filter(run -> run.fold() != null)
                .or(() -> last(runs.stream()
                        .takeWhile(run -> maker.isEmpty() || !run.equals(maker.get()))
                        .filter(run -> isAdmitted(run))));
        return last.map(run -> Ranges.join(
                        Stream.concat(run.fold().learned().stream(), run.fold().fresh().stream())
                                .toList(),
                        leftOut()))
                .orElse(List.of());
    }

    /** Returns the run that has made a checkpoint, if it is known. */
    private Optional<RunEvent> maker(CheckpointRef checkpoint) {
        return checkpoint == null
                ? Optional.empty()
                : last(runs.stream()
                        .filter(run ->
                                run.state() == State.SUCCEEDED && Objects.equals(run.checkpoint(), checkpoint.id())));
    }

    private List<PartitionRange> leftOut() {
        return folds().filter(run -> isSettled(run) && !isAdmitted(run))
                .flatMap(run -> run.fold().fresh().stream())
                .toList();
    }

    private Stream<RunEvent> folds() {
        return runs.stream().filter(run -> run.fold() != null);
    }

    /**
     * Returns whether the new examples of a fold are done with: folded in, refused by the gate, or cancelled by somebody. Those of
     * one that failed, or that another head overtook, are not.
     */
    private static boolean isSettled(RunEvent run) {
        return run.state() == State.CANCELLED
                || (run.state() == State.SUCCEEDED && run.fold().admitted() != null);
    }

    private static boolean isAdmitted(RunEvent run) {
        return run.fold() != null
                && run.state() == State.SUCCEEDED
                && Boolean.TRUE.equals(run.fold().admitted());
    }

    private static Optional<RunEvent> last(Stream<RunEvent> some) {
        return some.reduce((first, second) -> second);
    }
}
