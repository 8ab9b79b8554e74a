package dev.squadron.text.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one thread of one process at a time write a file of the cache. */
final class CacheLock {
    /** A file lock belongs to the whole process, so its threads need one of their own. */
    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private CacheLock() {}

    /** Runs {@code work} while nobody else runs work under the same file. */
    static <T> T holding(Path file, Retries.Attempt<T> work) throws IOException {
        ReentrantLock threads = THREADS.computeIfAbsent(file, path -> new ReentrantLock());
        threads.lock();
        try (FileChannel channel = open(file)) {
            lock(channel, file);
            return work.run();
        } finally {
            threads.unlock();
        }
    }

    private static FileChannel open(Path file) {
        try {
            Files.createDirectories(file.getParent());
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw HubCache.unwritable(file, e);
        }
    }

    /** Closing the channel ends the lock. */
    private static void lock(FileChannel channel, Path file) {
        try {
            channel.lock();
        } catch (IOException e) {
            throw new HubException(
                    file + " cannot be locked: " + e.getMessage() + "; set HF_HOME to a disk with file locks.", e);
        }
    }
}
