package dev.squadron.trainer.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe.Precision;
import dev.squadron.contracts.run.Recipe.Promote;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Threads;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import dev.squadron.trainer.domain.search.Candidate;
import dev.squadron.trainer.domain.search.Rung;
import dev.squadron.trainer.domain.search.Scoreboard;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Carries a sweep from its request to the checkpoint of its best trial. A trial is a run that need not come to its end. Trials of
 * the head train side by side over features that are opened once, each on its own, so that any of them is bit for bit what it would
 * be alone. Only what may go on has a saved state; killed at any moment and started again, the sweep goes on from these and from
 * what has been told of its trials, and ends with the same checkpoint.
 *
 * <p>Memory: as many heads at a time as there are lanes, each with its optimiser's slots. What more than the head tunes trains alone.
 */
public final class SweepTrainer {
    private final Trainer trainer;
    private final int lanes;

    /** Is told what the trials have come to. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Something changed.
         *
         * @param trials by number
         * @param best number of the best one that came to its end; null before there is one
         */
        void on(List<Trial> trials, Integer best);
    }

    /**
     * What a sweep has come to.
     *
     * @param best number of the best trial
     * @param promote when its checkpoint goes live
     * @param trained its checkpoint
     * @param trials by number; the best one with all that was measured
     */
    public record Outcome(int best, Promote promote, Trainer.Outcome trained, List<Trial> trials) {}

    /** What the trials share that learn from the same data: the examples, and their features where the head is tuned. */
    private record Group(String dataset, Precision features) {
        static Group of(RunEvent trial) {
            return new Group(
                    trial.onItsExamples().dataset(),
                    trial.recipe().tune() == Tune.HEAD ? trial.recipe().precision() : null);
        }
    }

    /** @param lanes heads that train at a time; each keeps one core busy */
    public SweepTrainer(Trainer trainer, int lanes) {
        this.trainer = trainer;
        this.lanes = lanes;
    }

    /**
     * Returns one trial for each set of examples, or of features, that a sweep learns from.
     *
     * @throws IllegalArgumentException where the plan's values make no recipe
     */
    public static List<RunEvent> groups(SweepEvent sweep) {
        Set<Group> seen = new HashSet<>();
        return candidates(sweep).stream()
                .map(candidate -> trial(sweep, candidate))
                .filter(trial -> seen.add(Group.of(trial)))
                .toList();
    }

    /**
     * Carries a sweep to its end.
     *
     * @throws Cancelled when asked to stop
     * @throws IncompleteDataset when the data set cannot be learned from, or has nothing to rank trials by
     * @throws IllegalStateException when no trial came to its end
     */
    public Outcome train(
            SweepEvent sweep, Cancellation cancellation, Listener listener, ProgressListener progressListener) {
        Climb climb = new Climb(sweep, cancellation, listener, progressListener);
        climb.toTheTop();
        return climb.conclude();
    }

    private static List<Candidate> candidates(SweepEvent sweep) {
        try {
            return Candidate.of(sweep.plan());
        } catch (InvalidMessage e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static boolean tunesHead(Candidate candidate) {
        return candidate.recipe().tune() == Tune.HEAD;
    }

    private static RunEvent trial(SweepEvent sweep, Candidate candidate) {
        return new RunEvent(
                sweep.runOf(candidate.number()),
                sweep.dataset(),
                sweep.model(),
                candidate.recipe(),
                RunEvent.State.RUNNING,
                null,
                null,
                sweep.at());
    }

    /** One sweep on its way up the rungs. */
    private final class Climb {
        private final SweepEvent sweep;
        private final List<Candidate> candidates;
        private final List<Rung> rungs;
        private final Scoreboard board;
        private final Map<Group, TrainingData> opened = new ConcurrentHashMap<>();
        private final Cancellation cancellation;
        private final Listener listener;
        private final ProgressListener progress;
        private Long began;

        Climb(SweepEvent sweep, Cancellation cancellation, Listener listener, ProgressListener progress) {
            this.sweep = sweep;
            this.candidates = candidates(sweep);
            this.rungs = Rung.of(sweep.plan(), candidates.size());
            this.board = new Scoreboard(sweep, candidates);
            this.cancellation = cancellation;
            this.listener = listener;
            this.progress = progress;
        }

        void toTheTop() {
            for (Rung rung : rungs) {
                List<Candidate> left =
                        board.begin(rung).stream().map(candidates::get).toList();
                sideBySide(left.stream().filter(SweepTrainer::tunesHead).toList(), rung);
                left.stream()
                        .filter(candidate -> !tunesHead(candidate))
                        .forEach(candidate -> attempt(candidate, rung, Threads.perCore()));
                board.cut();
                tell();
            }
        }

        Outcome conclude() {
            int best = board.best()
                    .orElseThrow(() -> new IllegalStateException("No trial came to its end"
                            + board.fault()
                                    .map(why -> "; the first to fail: " + why)
                                    .orElse(".")))
                    .number();
            RunEvent run = trial(sweep, candidates.get(best));
            Trainer.Outcome trained = trainer.train(run.onItsExamples(), data(run), cancellation, progress);
            candidates.forEach(candidate -> trainer.forget(trial(sweep, candidate)));
            board.measure(best, trained.metrics());
            return new Outcome(best, run.recipe().promote(), trained, board.trials());
        }

        private void sideBySide(List<Candidate> heads, Rung rung) {
            if (heads.isEmpty()) {
                return;
            }
            heads.forEach(candidate -> data(trial(sweep, candidate)));
            int together = Math.min(lanes, heads.size());
            Threads each = new Threads(1, Math.max(1, Threads.perCore().interOp() / together));
            try (Lanes threads = new Lanes(together)) {
                threads.all(heads.stream()
                        .map(candidate -> Executors.callable(() -> attempt(candidate, rung, each)))
                        .toList());
            }
        }

        /** Opens what a trial learns from, once for all that learn from the same. */
        private TrainingData data(RunEvent trial) {
            return opened.computeIfAbsent(Group.of(trial), group -> {
                TrainingData data = trainer.loader().open(trial.onItsExamples(), cancellation, progress);
                if (data.dataset().validation().isEmpty()) {
                    throw new IncompleteDataset("The data set " + sweep.dataset()
                            + " has no validation split, by which trials are ranked; ingest it with one.");
                }
                return data;
            });
        }

        private void attempt(Candidate candidate, Rung rung, Threads threads) {
            cancellation.check();
            int number = candidate.number();
            if (isOverBudget() && !board.hasBegun(number)) {
                board.stop(number, "The budget of " + sweep.plan().budget().seconds() + " s was over.");
                tell();
                return;
            }
            board.start(number);
            tell();
            RunEvent trial = trial(sweep, candidate);
            try {
                trainer.attempt(
                        trial.onItsExamples(),
                        data(trial),
                        rung.epochs(),
                        sweep.plan().metric(),
                        threads,
                        cancellation,
                        progress,
                        (epochs, metrics, keep) -> rest(trial, candidate, rung, epochs, metrics, keep));
            } catch (ModelException | IllegalArgumentException e) {
                board.fail(number, e.getMessage());
                trainer.forget(trial);
            }
            tell();
        }

        /** Keeps the state of a trial that would go on if no other came to the end of the rung, and drops that of the one it beats. */
        private synchronized void rest(
                RunEvent trial,
                Candidate candidate,
                Rung rung,
                int epochs,
                Map<String, Double> metrics,
                Runnable keep) {
            int number = candidate.number();
            if (!metrics.values().stream().allMatch(Double::isFinite)) {
                board.fail(number, "The loss is no number any more; the learning rate may be too high.");
                trainer.forget(trial);
                return;
            }
            Set<Integer> before = board.ahead();
            board.rest(number, epochs, metrics, rung.equals(rungs.get(rungs.size() - 1)));
            Set<Integer> after = board.ahead();
            if (after.contains(number)) {
                keep.run();
                tell();
            } else {
                trainer.forget(trial);
            }
            before.stream()
                    .filter(beaten -> !after.contains(beaten))
                    .forEach(beaten -> trainer.forget(trial(sweep, candidates.get(beaten))));
        }

        /** Counts from the first trial on, which always begins. */
        private synchronized boolean isOverBudget() {
            if (began == null) {
                began = System.nanoTime();
            }
            Integer seconds = sweep.plan().budget().seconds();
            return seconds != null && System.nanoTime() - began > TimeUnit.SECONDS.toNanos(seconds);
        }

        private synchronized void tell() {
            listener.on(board.trials(), board.best().map(Trial::number).orElse(null));
        }
    }
}
