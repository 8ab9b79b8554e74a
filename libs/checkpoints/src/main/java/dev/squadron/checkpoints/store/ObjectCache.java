package dev.squadron.checkpoints.store;

import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * Copies of objects on this machine's disk, named by their SHA-256. What it gives has been verified; it may be lost or deleted
 * at any time.
 */
public final class ObjectCache {
    private final ObjectStore store;
    private final Path directory;
    private final DiskLimit limit;

    /** Keeps copies of the objects of {@code store} in {@code directory}. */
    public ObjectCache(ObjectStore store, Path directory) {
        this(store, directory, new DiskLimit(directory, Long.MAX_VALUE, name -> true, bytes -> {}));
    }

    /** Keeps copies in {@code directory}, as many as {@code limit} has room for. */
    public ObjectCache(ObjectStore store, Path directory, DiskLimit limit) {
        this.store = store;
        this.directory = directory;
        this.limit = limit;
    }

    /**
     * Returns a local copy of an object, every byte of it verified.
     *
     * @throws StoreException when it is missing, or not what {@code object} says
     */
    public Path fetch(StoredObject object) {
        Path file = directory.resolve(object.sha256());
        try {
            if (!isIntact(file, object)) {
                download(object, file);
                limit.added(file);
            }
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return file;
        } catch (IOException e) {
            throw new StoreException(
                    "The object " + object.key() + " cannot be kept in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Takes a file that has just been put, so that it need not be fetched; the file itself goes. */
    public Path adopt(StoredObject object, Path file) {
        try {
            Files.createDirectories(directory);
            Path copy = Files.move(file, directory.resolve(object.sha256()), StandardCopyOption.REPLACE_EXISTING);
            limit.added(copy);
            return copy;
        } catch (IOException e) {
            throw new StoreException("The file " + file + " cannot be kept in " + directory + ": " + e.getMessage(), e);
        }
    }

    private void download(StoredObject object, Path file) throws IOException {
        Files.createDirectories(directory);
        Path part = Files.createTempFile(directory, object.sha256(), ".part");
        try {
            try (InputStream in = store.open(object.key(), 0)
                    .orElseThrow(() -> new StoreException("The object " + object.key() + " in " + store
                            + " is missing; restore it, or train again."))) {
                Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            }
            if (!isIntact(part, object)) {
                throw new StoreException("The object " + object.key() + " in " + store + " is corrupt: it has "
                        + Files.size(part) + " bytes with SHA-256 " + Sha256.of(part) + " and should have "
                        + object.size() + " with " + object.sha256() + "; restore it, or train again.");
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static boolean isIntact(Path file, StoredObject object) throws IOException {
        return Files.exists(file)
                && Files.size(file) == object.size()
                && Sha256.of(file).equals(object.sha256());
    }
}
