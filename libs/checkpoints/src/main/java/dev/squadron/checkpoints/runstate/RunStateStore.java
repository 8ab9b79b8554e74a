package dev.squadron.checkpoints.runstate;

import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The states of running runs. A state is a file and a position; a pointer names the last one and the one before it, and is
 * written after the file. What is older than both is deleted, and all of it once the run has ended.
 */
public final class RunStateStore {
    private static final int MAX_POINTER = 1 << 16;

    private final ObjectStore store;
    private final ObjectCache cache;

    /**
     * A state.
     *
     * @param position where the run is, as the trainer writes it: JSON
     * @param file the optimiser's state, verified
     */
    public record SavedState(String position, Path file) {}

    private record Entry(String position, StoredObject object) {}

    private record Pointer(List<Entry> states) {}

    /** Keeps local copies in {@code cacheDirectory}. */
    public RunStateStore(ObjectStore store, Path cacheDirectory) {
        this.store = store;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /**
     * Saves a state.
     *
     * @param run the run
     * @param step updates made; the same step gives the same state
     * @param position where the run is: JSON
     * @param file the optimiser's state
     */
    public void save(String run, long step, String position, Path file) {
        Pointer before = pointer(run);
        StoredObject object =
                store.put("state.safetensors", "runs/" + run + "/state/" + step + "/state.safetensors", file);
        List<Entry> kept = before.states().stream()
                .filter(entry -> !entry.object().key().equals(object.key()))
                .limit(1)
                .toList();
        Entry now = new Entry(position, object);
        store.put(key(run), ContractJson.write(new Pointer(kept.isEmpty() ? List.of(now) : List.of(now, kept.get(0)))));
        before.states().stream()
                .filter(entry -> !kept.contains(entry) && !entry.object().key().equals(object.key()))
                .forEach(entry -> store.delete(entry.object().key()));
    }

    /**
     * Returns the last state of a run that is intact, if it has one.
     *
     * @throws StoreException when it has states and none is intact
     */
    public Optional<SavedState> latest(String run) {
        StoreException fault = null;
        for (Entry entry : pointer(run).states()) {
            try {
                return Optional.of(new SavedState(entry.position(), cache.fetch(entry.object())));
            } catch (StoreException e) {
                fault = e;
            }
        }
        if (fault != null) {
            throw fault;
        }
        return Optional.empty();
    }

    /** Deletes the states of a run that has ended. */
    public void delete(String run) {
        pointer(run).states().forEach(entry -> store.delete(entry.object().key()));
        store.delete(key(run));
    }

    private Pointer pointer(String run) {
        Optional<byte[]> bytes = store.read(key(run), MAX_POINTER);
        if (bytes.isEmpty()) {
            return new Pointer(List.of());
        }
        try {
            return ContractJson.read(bytes.get(), Pointer.class);
        } catch (InvalidMessage e) {
            throw new StoreException(
                    "The pointer " + key(run) + " in " + store + " is broken: " + e.getMessage()
                            + " Delete it to train the run from its beginning.",
                    e);
        }
    }

    private static String key(String run) {
        return "runs/" + run + "/state/latest.json";
    }
}
