package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.runstate.RunStateStore.SavedState;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.learning.Snapshots;
import dev.squadron.trainer.domain.learning.TrainingPosition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Saves where a run's training is, and goes back to it. */
final class RunStates {
    private static final String FILE = "state.safetensors";

    private final RunStateStore store;
    private final Path scratch;

    /** @param scratch folder for files on their way */
    RunStates(RunStateStore store, Path scratch) {
        this.store = store;
        this.scratch = scratch;
    }

    /**
     * Takes {@code learner} and {@code snapshots} to the last state of the run, and returns where that is: the beginning, if there
     * is none.
     */
    TrainingPosition restore(String run, Learner learner, Snapshots snapshots) {
        Optional<SavedState> saved = store.latest(run);
        if (saved.isEmpty()) {
            return TrainingPosition.START;
        }
        try {
            learner.restore(saved.get().files().get(FILE));
            snapshots.restore(saved.get().files());
            return ContractJson.read(saved.get().position().getBytes(StandardCharsets.UTF_8), TrainingPosition.class);
        } catch (InvalidMessage e) {
            throw new IllegalStateException("The state of run " + run + " is broken: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("The state of run " + run + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Something that is done while a state lies on this machine's disk; it may save it, whatever the learner does meanwhile. */
    @FunctionalInterface
    interface Use {
        void with(Runnable save);
    }

    /** Saves what the learner remembers, and the snapshots. */
    void save(String run, Learner learner, Snapshots snapshots, TrainingPosition position) {
        hold(run, learner, snapshots, position, Runnable::run);
    }

    /** Writes what the learner remembers to this machine's disk, for as long as {@code use} takes. */
    void hold(String run, Learner learner, Snapshots snapshots, TrainingPosition position, Use use) {
        try (ScratchFolder folder = new ScratchFolder(scratch)) {
            Path file = folder.path().resolve(FILE);
            learner.save(file);
            String where = new String(ContractJson.write(position), StandardCharsets.UTF_8);
            Map<String, Path> files = new HashMap<>(snapshots.files());
            files.put(FILE, file);
            use.with(() -> store.save(run, position.step(), where, files));
        } catch (IOException e) {
            throw new UncheckedIOException("The state of run " + run + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Forgets the states of a run that has ended. */
    void delete(String run) {
        store.delete(run);
    }
}
