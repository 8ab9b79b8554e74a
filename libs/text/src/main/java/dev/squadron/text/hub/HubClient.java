package dev.squadron.text.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Fetches files of the Hugging Face hub into the cache that Python's client uses too. What it gives has been verified; what broke
 * off is gone on with; what is here is never asked for again.
 */
public final class HubClient {
    private static final System.Logger LOG = System.getLogger(HubClient.class.getName());
    private static final Pattern FILE = Pattern.compile("(?s)(?!(.*/)?\\.{0,2}(/|\\z))[^\\\\\\p{Cntrl}]{1,512}");
    private static final Pattern REVISION = Pattern.compile("(?!.*\\.\\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int SIDE_BY_SIDE = 4;

    private final HubConfig config;
    private final Retries retries;
    private final HubCache cache;
    private final HubRequests requests;

    /**
     * A revision of a repository, pinned.
     *
     * @param repository the repository
     * @param commit the commit that the revision names
     * @param files its files; of a cached one, those that are here
     * @param cached whether the cache alone was asked
     */
    public record Snapshot(HubRepository repository, String commit, List<String> files, boolean cached) {}

    /** Asks the hub of {@code config}. */
    public HubClient(HubConfig config) {
        this(config, Retries.PATIENT);
    }

    HubClient(HubConfig config, Retries retries) {
        this.config = config;
        this.retries = retries;
        this.cache = new HubCache(config.cache());
        this.requests = new HubRequests(config);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /**
     * Pins a revision. Where the hub does not answer, the cache does.
     *
     * @param revision a branch, tag or commit
     * @throws HubException when the hub does not have it, or does not give it to us
     */
    public Snapshot pin(HubRepository repository, String revision) {
        if (!REVISION.matcher(revision).matches()) {
            throw new HubException("“" + revision + "” is no revision; name a branch, a tag or a commit.");
        }
        Optional<Snapshot> cached = cache.commit(repository, revision)
                .map(commit -> new Snapshot(repository, commit, cache.files(repository, commit), true));
        if (config.offline()) {
            return cached.orElseThrow(() -> new HubException(repository.name() + " at " + revision
                    + " is not in the cache " + cache
                    + ", and HF_HUB_OFFLINE is set; unset it, or fetch it first."));
        }
        try {
            Retries patience = cached.isPresent() ? Retries.NONE : retries;
            Snapshot snapshot = snapshot(repository, patience.run(() -> requests.revision(repository, revision)));
            if (!revision.equals(snapshot.commit())) {
                cache.refer(repository, revision, snapshot.commit());
            }
            return snapshot;
        } catch (IOException e) {
            Snapshot last = cached.orElseThrow(() -> unanswered(repository, e));
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be asked for {1} at {2} ({3}); commit {4} of the cache is taken.",
                    config.endpoint(),
                    repository.name(),
                    revision,
                    reason(e),
                    last.commit());
            return last;
        }
    }

    /**
     * Fetches those files that are not here, side by side.
     *
     * @throws HubException when one cannot be had, or is not what the hub says
     */
    public void fetch(Snapshot snapshot, List<String> files, DownloadProgress progress) {
        List<String> missing = files.stream()
                .distinct()
                .filter(file -> !Files.exists(path(snapshot, file)))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        HubRepository repository = snapshot.repository();
        if (snapshot.cached() || config.offline()) {
            throw notCached(snapshot, missing.get(0));
        }
        try {
            List<Callable<HubFile>> questions = new ArrayList<>();
            missing.forEach(file ->
                    questions.add(() -> retries.run(() -> requests.describe(repository, snapshot.commit(), file))));
            List<HubFile> described = sideBySide(questions);
            checkRoom(repository, described);
            long total = described.stream().mapToLong(HubFile::size).sum();
            BlobDownload download = new BlobDownload(requests, cache, retries, new Tally(progress, total));
            List<Callable<HubFile>> downloads = new ArrayList<>();
            described.forEach(file -> downloads.add(() -> {
                download.fetch(repository, snapshot.commit(), file);
                return file;
            }));
            sideBySide(downloads);
        } catch (IOException e) {
            throw unanswered(repository, e);
        }
    }

    /**
     * Returns a local copy of a file, fetched unless it is here.
     *
     * @throws HubException when it cannot be had, or is not what the hub says
     */
    public Path file(Snapshot snapshot, String file) {
        fetch(snapshot, List.of(file), DownloadProgress.SILENT);
        return path(snapshot, file);
    }

    /** Returns the folder of a snapshot's files. */
    public Path directory(Snapshot snapshot) {
        return cache.snapshot(snapshot.repository(), snapshot.commit());
    }

    HubException notCached(Snapshot snapshot, String file) {
        return new HubException(file + " of " + snapshot.repository().name() + " is not in the cache " + cache
                + (config.offline()
                        ? ", and HF_HUB_OFFLINE is set; unset it, or fetch the file first."
                        : ", and the hub does not answer; look at the network."));
    }

    private Path path(Snapshot snapshot, String file) {
        if (!FILE.matcher(file).matches()) {
            throw new HubException("“" + file + "” is no file name of the hub.");
        }
        return directory(snapshot).resolve(file);
    }

    private static Snapshot snapshot(HubRepository repository, byte[] answer) {
        try {
            JsonNode json = ContractJson.readTree(answer);
            String commit = json.path("sha").asText("");
            if (!isCommit(commit)) {
                throw new HubException("The hub names no commit for " + repository.name() + ".");
            }
            List<String> files = new ArrayList<>();
            json.path("siblings")
                    .forEach(file -> files.add(file.path("rfilename").asText()));
            return new Snapshot(repository, commit, List.copyOf(files), false);
        } catch (InvalidMessage e) {
            throw new HubException(
                    "The hub's answer for " + repository.name() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** What has come of a file needs no room again, nor does a file that has the bytes of another. */
    private void checkRoom(HubRepository repository, List<HubFile> files) {
        Map<String, Long> needed = new HashMap<>();
        for (HubFile file : files) {
            if (!Files.exists(cache.blob(repository, file.hash()))) {
                long here = cache.part(repository, file.hash()).toFile().length();
                needed.put(file.hash(), Math.max(0, file.size() - here));
            }
        }
        long total = needed.values().stream().mapToLong(Long::longValue).sum();
        long room = cache.room();
        if (total > room) {
            throw new HubException(String.format(
                    Locale.ROOT,
                    "%s needs %.1f GB more in %s, which has room for %.1f GB; make room, or set HF_HOME to another disk.",
                    repository.name(),
                    total / 1e9,
                    cache,
                    room / 1e9));
        }
    }

    private HubException unanswered(HubRepository repository, IOException e) {
        return new HubException(
                config.endpoint() + " cannot be asked for " + repository.name() + ": " + reason(e)
                        + ". Look at the network or try again later, what came is kept; or set HF_ENDPOINT to a mirror,"
                        + " or HF_HUB_OFFLINE=1 to use the cache alone.",
                e);
    }

    private static String reason(IOException e) {
        return e instanceof BusyException ? e.getMessage() : e.toString();
    }

    /** Returns the results in their tasks' order; the first failure ends the others. */
    private static <T> List<T> sideBySide(List<Callable<T>> tasks) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(tasks.size(), SIDE_BY_SIDE));
        try {
            ExecutorCompletionService<T> work = new ExecutorCompletionService<>(threads);
            var results = tasks.stream().map(work::submit).toList();
            List<T> values = new ArrayList<>();
            for (int i = 0; i < tasks.size(); i++) {
                work.take().get();
            }
            for (var result : results) {
                values.add(result.get());
            }
            return values;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            if (e.getCause() instanceof RuntimeException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("Interrupted while fetching; what came is kept.", e);
        } finally {
            end(threads);
        }
    }

    /** A thread sees that it is to end when its next bytes come. */
    private static void end(ExecutorService threads) {
        threads.shutdownNow();
        try {
            threads.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
