package dev.squadron.checkpoints.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Keeps the copies in a folder of an {@link ObjectCache} below a size: those that were not used for longest go first, until a tenth of
 * the size is free. What is in use stays: a file that is mapped could be deleted without harm, but its room would not come free before
 * it is unmapped. Thread-safe.
 */
public final class DiskLimit {
    private static final Pattern COPY = Pattern.compile("[0-9a-f]{64}");
    private static final long UNKNOWN = -1;

    private final Path directory;
    private final long bytes;
    private final Predicate<String> inUse;
    private final LongConsumer evicted;
    private long size = UNKNOWN;

    private record Copy(Path file, long size, FileTime used) {}

    /**
     * Limits a folder.
     *
     * @param bytes most bytes that copies may have, unless more are in use
     * @param inUse whether the copy of that name, its SHA-256, must stay
     * @param evicted is told the bytes of each copy that is deleted
     */
    public DiskLimit(Path directory, long bytes, Predicate<String> inUse, LongConsumer evicted) {
        this.directory = directory;
        this.bytes = bytes;
        this.inUse = inUse;
        this.evicted = evicted;
    }

    /** Makes room where there are too many copies now that one has come, which stays. */
    synchronized void added(Path copy) {
        try {
            size = size == UNKNOWN ? size(copies()) : size + Files.size(copy);
            if (size > bytes) {
                evict(copy);
            }
        } catch (IOException e) {
            throw new StoreException("The folder " + directory + " cannot be tidied up: " + e.getMessage(), e);
        }
    }

    private void evict(Path added) throws IOException {
        List<Copy> copies = copies();
        size = size(copies);
        for (Copy copy : copies) {
            if (size <= bytes - bytes / 10) {
                break;
            }
            if (!copy.file().equals(added)
                    && !inUse.test(copy.file().getFileName().toString())) {
                Files.deleteIfExists(copy.file());
                size -= copy.size();
                evicted.accept(copy.size());
            }
        }
    }

    /** Returns the copies, the one that was not used for longest first. */
    private List<Copy> copies() throws IOException {
        List<Copy> copies = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (COPY.matcher(file.getFileName().toString()).matches()) {
                    copies.add(new Copy(file, Files.size(file), Files.getLastModifiedTime(file)));
                }
            }
        }
        copies.sort(Comparator.comparing(Copy::used));
        return copies;
    }

    private static long size(List<Copy> copies) {
        return copies.stream().mapToLong(Copy::size).sum();
    }
}
