package dev.squadron.text.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Brings the files of a snapshot into the cache: goes on where one broke off, and lets nothing in that has another hash. */
final class BlobDownload {
    /** Bytes after which a transfer that breaks off again counts as a first failure. */
    private static final long HEADWAY = 1L << 20;

    private final HubRequests requests;
    private final HubCache cache;
    private final Retries retries;
    private final Tally tally;

    BlobDownload(HubRequests requests, HubCache cache, Retries retries, Tally tally) {
        this.requests = requests;
        this.cache = cache;
        this.retries = retries;
        this.tally = tally;
    }

    /**
     * Fetches a file, unless its blob is here, and links it.
     *
     * @throws IOException when the hub cannot be asked, however often
     */
    void fetch(HubRepository repository, String commit, HubFile file) throws IOException {
        CacheLock.holding(cache.lock(repository, file.hash()), () -> {
            if (Files.exists(cache.blob(repository, file.hash()))) {
                tally.add(file.size());
            } else {
                Path part = cache.part(repository, file.hash());
                complete(repository, commit, file, part);
                verify(repository, file, part);
                cache.finish(repository, file.hash());
            }
            cache.link(repository, commit, file);
            return null;
        });
    }

    private void complete(HubRepository repository, String commit, HubFile file, Path part) throws IOException {
        if (size(part) > file.size()) {
            drop(part);
        }
        long have = size(part);
        tally.add(have);
        int failures = 0;
        while (have != file.size() || !Files.exists(part)) {
            try {
                transfer(requests.open(repository, commit, file.name(), have), file, part, have);
            } catch (IOException e) {
                failures = size(part) - have >= HEADWAY ? 1 : failures + 1;
                retries.pause(failures, e);
            }
            have = size(part);
        }
    }

    private void transfer(HttpURLConnection connection, HubFile file, Path part, long have) throws IOException {
        boolean resumed = connection.getResponseCode() == HttpURLConnection.HTTP_PARTIAL;
        if (!resumed) {
            tally.add(-have);
        }
        long at = resumed ? have : 0;
        try (InputStream in = connection.getInputStream();
                OutputStream out = open(part, resumed)) {
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                at += read;
                if (at > file.size()) {
                    throw wrong(file, "more than " + file.size() + " bytes", "that many", part);
                }
                write(out, chunk, read, part);
                tally.add(read);
            }
        }
        if (at < file.size()) {
            throw new IOException(
                    "the connection for " + file.name() + " broke off at byte " + at + " of " + file.size());
        }
    }

    private static OutputStream open(Path part, boolean append) {
        try {
            Files.createDirectories(part.getParent());
            return Files.newOutputStream(
                    part,
                    StandardOpenOption.CREATE,
                    append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw HubCache.unwritable(part, e);
        }
    }

    private static void write(OutputStream out, byte[] chunk, int length, Path part) {
        if (Thread.currentThread().isInterrupted()) {
            throw new HubException("Interrupted while " + part + " was fetched; what came is kept.");
        }
        try {
            out.write(chunk, 0, length);
        } catch (IOException e) {
            throw HubCache.unwritable(part, e);
        }
    }

    private static void verify(HubRepository repository, HubFile file, Path part) throws IOException {
        String found = BlobHash.of(part, file.hash());
        if (!found.equals(file.hash())) {
            throw wrong(file, "the hash " + found, file.hash() + " by " + repository.name(), part);
        }
    }

    private static HubException wrong(HubFile file, String found, String expected, Path part) {
        drop(part);
        return new HubException(file.name() + " came with " + found + " and should have " + expected
                + "; it was dropped: try again, and if it comes so again, set HF_ENDPOINT to another mirror.");
    }

    private static void drop(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw HubCache.unwritable(part, e);
        }
    }

    private static long size(Path part) {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw HubCache.unwritable(part, e);
        }
    }
}
