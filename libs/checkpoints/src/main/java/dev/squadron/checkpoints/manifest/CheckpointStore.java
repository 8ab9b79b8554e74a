package dev.squadron.checkpoints.manifest;

import dev.squadron.checkpoints.store.ObjectCache;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Checkpoints in the bucket. A checkpoint is immutable and named by its head's SHA-256; its manifest is written last and is the
 * only way in, so a reader sees a whole checkpoint or none.
 */
public final class CheckpointStore {
    /** The file name of the head. */
    public static final String HEAD = "lm_head.safetensors";

    private static final int MAX_MANIFEST = 1 << 20;

    private final ObjectStore store;
    private final ObjectCache cache;

    /**
     * A checkpoint on this machine's disk, verified.
     *
     * @param manifest what it is
     * @param files its files by name
     */
    public record LocalCheckpoint(Manifest manifest, Map<String, Path> files) {
        /** Returns the file of the head. */
        public Path head() {
            Path head = files.get(HEAD);
            if (head == null) {
                throw new StoreException("The checkpoint " + manifest.id() + " has no " + HEAD + ".");
            }
            return head;
        }
    }

    /** Keeps local copies in {@code cacheDirectory}. */
    public CheckpointStore(ObjectStore store, Path cacheDirectory) {
        this.store = store;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /** Returns the id of a checkpoint with this head: the first 16 digits of the SHA-256 of its file. */
    public static String id(Path head) throws IOException {
        return Sha256.of(head).substring(0, 16);
    }

    /**
     * Writes a checkpoint. Writing it again, after a crash at any place, gives the same checkpoint; where its manifest is there
     * already, that one stays.
     *
     * @param model the model's name
     * @param files what it consists of, by name; {@value #HEAD} among them
     * @param manifest makes the manifest of the id and the objects written
     */
    public CheckpointRef write(String model, Map<String, Path> files, Function<List<StoredObject>, Manifest> manifest) {
        try {
            String folder = Manifest.folder(model, id(files.get(HEAD)));
            List<StoredObject> objects = new ArrayList<>();
            for (Map.Entry<String, Path> file : new TreeMap<>(files).entrySet()) {
                objects.add(store.put(file.getKey(), folder + file.getKey(), file.getValue()));
            }
            Manifest written = manifest.apply(objects);
            String key = Manifest.key(model, written.id());
            byte[] bytes = written.write();
            if (!store.putIfAbsent(key, bytes)) {
                bytes = store.read(key, MAX_MANIFEST).orElseThrow();
            }
            return new CheckpointRef(written.id(), key, Sha256.of(bytes));
        } catch (IOException e) {
            throw new StoreException("The checkpoint's files cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Fetches a checkpoint and verifies every byte of it.
     *
     * @throws StoreException when anything is missing, or not what its manifest says
     */
    public LocalCheckpoint read(CheckpointRef reference) {
        byte[] bytes = store.read(reference.manifestKey(), MAX_MANIFEST)
                .orElseThrow(() -> new StoreException(
                        "The manifest " + reference.manifestKey() + " in " + store + " is missing; restore it."));
        if (!Sha256.of(bytes).equals(reference.manifestSha256())) {
            throw new StoreException("The manifest " + reference.manifestKey() + " in " + store
                    + " is not the one that was announced: its SHA-256 is " + Sha256.of(bytes) + " and not "
                    + reference.manifestSha256() + "; restore it.");
        }
        try {
            Manifest manifest = Manifest.read(bytes);
            Map<String, Path> files = new HashMap<>();
            for (StoredObject object : manifest.objects()) {
                files.put(object.name(), cache.fetch(object));
            }
            return new LocalCheckpoint(manifest, files);
        } catch (InvalidMessage e) {
            throw new StoreException(
                    "The manifest " + reference.manifestKey() + " in " + store + " is broken: " + e.getMessage(), e);
        }
    }
}
