package dev.squadron.checkpoints.runstate;

import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The states of running runs. A state is some files and a position; a pointer names the last one and the one before it, and is
 * written after the files. What neither needs is deleted, and all of it once the run has ended.
 */
public final class RunStateStore {
    private static final int MAX_POINTER = 1 << 16;

    private final ObjectStore store;
    private final ObjectCache cache;

    /**
     * A state.
     *
     * @param position where the run is, as the trainer writes it: JSON
     * @param files what it remembers, by name, verified
     */
    public record SavedState(String position, Map<String, Path> files) {}

    private record Entry(String position, List<StoredObject> objects) {}

    private record Pointer(List<Entry> states) {}

    /** Keeps local copies in {@code cacheDirectory}. */
    public RunStateStore(ObjectStore store, Path cacheDirectory) {
        this.store = store;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /**
     * Saves a state. A file that is the same as in the state before is not put again.
     *
     * @param run the run
     * @param step updates made; the same step gives the same state
     * @param position where the run is: JSON
     * @param files what it remembers, by name
     */
    public void save(String run, long step, String position, Map<String, Path> files) {
        Pointer before = pointer(run);
        List<StoredObject> objects = new ArrayList<>();
        new TreeMap<>(files).forEach((name, file) -> objects.add(put(run, step, name, file, before)));
        Entry now = new Entry(position, objects);
        List<Entry> kept = Stream.concat(
                        Stream.of(now), before.states().stream().filter(entry -> !sharesAll(entry, now)))
                .limit(2)
                .toList();
        store.put(key(run), ContractJson.write(new Pointer(kept)));
        Set<String> needed = keys(kept);
        keys(before.states()).stream().filter(each -> !needed.contains(each)).forEach(store::delete);
    }

    private StoredObject put(String run, long step, String name, Path file, Pointer before) {
        try {
            String sha256 = Sha256.of(file);
            Optional<StoredObject> same = before.states().stream()
                    .flatMap(entry -> entry.objects().stream())
                    .filter(object ->
                            object.name().equals(name) && object.sha256().equals(sha256))
                    .findFirst();
            return same.isPresent() ? same.get() : store.put(name, "runs/" + run + "/state/" + step + "/" + name, file);
        } catch (IOException e) {
            throw new StoreException("The file " + file + " of run " + run + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean sharesAll(Entry one, Entry other) {
        return keys(List.of(one)).equals(keys(List.of(other)));
    }

    private static Set<String> keys(List<Entry> entries) {
        return entries.stream()
                .flatMap(entry -> entry.objects().stream())
                .map(StoredObject::key)
                .collect(Collectors.toSet());
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
                Map<String, Path> files = new HashMap<>();
                entry.objects().forEach(object -> files.put(object.name(), cache.fetch(object)));
                return Optional.of(new SavedState(entry.position(), files));
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
        keys(pointer(run).states()).forEach(store::delete);
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
