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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Checkpoints in the bucket. A checkpoint is immutable and named by its weights' SHA-256; its manifest is written last and is the
 * only way in, so a reader sees a whole checkpoint or none.
 */
public final class CheckpointStore {
    /** The file name of the head. */
    public static final String HEAD = "lm_head.safetensors";

    private static final int MAX_MANIFEST = 1 << 20;

    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,200}");

    private final ObjectStore store;
    private final ObjectCache cache;
    private final Path directory;

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
        this.directory = cacheDirectory;
        this.cache = new ObjectCache(store, cacheDirectory);
    }

    /** Returns the id of a checkpoint with these weights: the first 16 digits of the SHA-256 of their file. */
    public static String id(Path weights) throws IOException {
        return Sha256.of(weights).substring(0, 16);
    }

    /**
     * Writes a checkpoint. Writing it again, after a crash at any place, gives the same checkpoint; where its manifest is there
     * already, that one stays.
     *
     * @param model the model's name
     * @param weights the name of the file that names it
     * @param files what it consists of, by name
     * @param manifest makes the manifest of the id and the objects written
     */
    public CheckpointRef write(
            String model, String weights, Map<String, Path> files, Function<List<StoredObject>, Manifest> manifest) {
        try {
            String folder = Manifest.folder(model, id(files.get(weights)));
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

    /** Returns what points to a checkpoint of a model, if there is one of that id. */
    public Optional<CheckpointRef> find(String model, String id) {
        String key = Manifest.key(model, id);
        return store.read(key, MAX_MANIFEST).map(bytes -> new CheckpointRef(id, key, Sha256.of(bytes)));
    }

    /**
     * Reads what a checkpoint is, and nothing else of it.
     *
     * @throws StoreException when the manifest is missing, or not the one that was announced
     */
    public Manifest manifest(CheckpointRef reference) {
        byte[] bytes = store.read(reference.manifestKey(), MAX_MANIFEST)
                .orElseThrow(() -> new StoreException(
                        "The manifest " + reference.manifestKey() + " in " + store + " is missing; restore it."));
        if (!Sha256.of(bytes).equals(reference.manifestSha256())) {
            throw new StoreException("The manifest " + reference.manifestKey() + " in " + store
                    + " is not the one that was announced: its SHA-256 is " + Sha256.of(bytes) + " and not "
                    + reference.manifestSha256() + "; restore it.");
        }
        try {
            return Manifest.read(bytes);
        } catch (InvalidMessage e) {
            throw new StoreException(
                    "The manifest " + reference.manifestKey() + " in " + store + " is broken: " + e.getMessage(), e);
        }
    }

    /**
     * Fetches a checkpoint and verifies every byte of it.
     *
     * @throws StoreException when anything is missing, or not what its manifest says
     */
    public LocalCheckpoint read(CheckpointRef reference) {
        Manifest manifest = manifest(reference);
        Map<String, Path> files = new HashMap<>();
        for (StoredObject object : manifest.objects()) {
            files.put(object.name(), cache.fetch(object));
        }
        return new LocalCheckpoint(manifest, files);
    }

    /**
     * Returns a folder in which the files of a checkpoint have their names, as transformers and PEFT have them.
     *
     * @throws StoreException when the manifest gives a file a name that leads elsewhere
     */
    public Path folder(LocalCheckpoint checkpoint) {
        Path folder = directory.resolve("checkpoint-" + checkpoint.manifest().id());
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, Path> file : checkpoint.files().entrySet()) {
                if (!FILE_NAME.matcher(file.getKey()).matches()) {
                    throw new StoreException(
                            "The checkpoint " + checkpoint.manifest().id() + " has a file “" + file.getKey()
                                    + "”; a name has letters, digits, . _ - and no slash.");
                }
                Path link = folder.resolve(file.getKey());
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, file.getValue().toAbsolutePath());
            }
            return folder;
        } catch (IOException e) {
            throw new StoreException("The folder " + folder + " cannot be made: " + e.getMessage(), e);
        }
    }
}
