package dev.squadron.text.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Fetches files of the Hugging Face hub into the cache that Python's client uses too: {@code blobs} by hash, {@code refs} from
 * branch to commit, {@code snapshots} by commit. What it gives has been verified; what broke off is resumed.
 */
public final class HubClient {
    private static final Pattern FILE = Pattern.compile("(?!.*\\.\\.)[A-Za-z0-9_][A-Za-z0-9._/-]{0,255}");
    private static final Pattern REVISION = Pattern.compile("(?!.*\\.\\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int MAX_REDIRECTS = 5;

    private final HubConfig config;
    private final HttpClient http;

    /**
     * A revision of a repository, pinned.
     *
     * @param repository the repository
     * @param commit the commit that the revision names
     * @param files its files; empty where the cache alone was asked
     */
    public record Snapshot(HubRepository repository, String commit, List<String> files) {}

    /** Asks the hub of {@code config}. */
    public HubClient(HubConfig config) {
        this.config = config;
        this.http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    /**
     * Pins a revision.
     *
     * @param revision a branch, tag or commit
     * @throws HubException when the hub does not have it, or does not give it to us
     */
    public Snapshot pin(HubRepository repository, String revision) {
        if (!REVISION.matcher(revision).matches()) {
            throw new HubException("“" + revision + "” is no revision; name a branch, a tag or a commit.");
        }
        if (config.offline()) {
            return new Snapshot(repository, cachedCommit(repository, revision), List.of());
        }
        HttpResponse<InputStream> response =
                get(config.endpoint().resolve("/" + repository.apiPath(revision)), repository, 0);
        try (InputStream body = response.body()) {
            JsonNode json = ContractJson.readTree(body.readAllBytes());
            String commit = json.path("sha").asText("");
            if (!COMMIT.matcher(commit).matches()) {
                throw new HubException("The hub names no commit for " + repository.name() + " at " + revision + ".");
            }
            List<String> files = new ArrayList<>();
            json.path("siblings")
                    .forEach(file -> files.add(file.path("rfilename").asText()));
            Path reference = folder(repository).resolve("refs").resolve(revision);
            Files.createDirectories(reference.getParent());
            Files.writeString(reference, commit);
            return new Snapshot(repository, commit, List.copyOf(files));
        } catch (InvalidMessage | IOException e) {
            throw new HubException(
                    "The hub's answer for " + repository.name() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Returns a local copy of a file, fetched unless the cache has it.
     *
     * @throws HubException when it cannot be had, or is not what the hub says
     */
    public Path file(Snapshot snapshot, String file) {
        if (!FILE.matcher(file).matches()) {
            throw new HubException("“" + file + "” is no file name of the hub.");
        }
        Path link = directory(snapshot).resolve(file);
        if (Files.exists(link)) {
            return link;
        }
        if (config.offline()) {
            throw new HubException(file + " of " + snapshot.repository().name() + " is not in the cache "
                    + config.cache() + ", and HF_HUB_OFFLINE is set; unset it, or fetch the file first.");
        }
        try {
            Path blob = fetch(snapshot, file);
            Files.createDirectories(link.getParent());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
            return link;
        } catch (IOException e) {
            throw new HubException(
                    file + " of " + snapshot.repository().name() + " cannot be fetched: " + e.getMessage()
                            + "; what came is kept, try again.",
                    e);
        }
    }

    /** Returns the folder of a snapshot's files. */
    public Path directory(Snapshot snapshot) {
        return folder(snapshot.repository()).resolve("snapshots").resolve(snapshot.commit());
    }

    private Path folder(HubRepository repository) {
        return config.cache().resolve(repository.folder());
    }

    private String cachedCommit(HubRepository repository, String revision) {
        Path reference = folder(repository).resolve("refs").resolve(revision);
        try {
            if (COMMIT.matcher(revision).matches()) {
                return revision;
            }
            if (Files.exists(reference)) {
                return Files.readString(reference).strip();
            }
        } catch (IOException e) {
            throw new HubException(reference + " cannot be read: " + e.getMessage(), e);
        }
        throw new HubException(repository.name() + " at " + revision + " is not in the cache " + config.cache()
                + ", and HF_HUB_OFFLINE is set; unset it, or fetch the model first.");
    }

    private Path fetch(Snapshot snapshot, String file) throws IOException {
        URI address = config.endpoint().resolve("/" + snapshot.repository().filePath(snapshot.commit(), file));
        Path blobs = Files.createDirectories(folder(snapshot.repository()).resolve("blobs"));
        String etag = etag(address, snapshot.repository(), file);
        Path blob = blobs.resolve(etag);
        if (Files.exists(blob)) {
            return blob;
        }
        Path part = blobs.resolve(etag + ".incomplete");
        long have = Files.exists(part) ? Files.size(part) : 0;
        HttpResponse<InputStream> response = get(address, snapshot.repository(), have);
        boolean resumed = response.statusCode() == 206;
        try (InputStream in = response.body();
                OutputStream out = Files.newOutputStream(
                        part,
                        StandardOpenOption.CREATE,
                        resumed ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            in.transferTo(out);
        }
        verify(part, etag, file, snapshot);
        return Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A 64-digit ETag is the SHA-256 of a large file, a 40-digit one is git's SHA-1 of a small one. */
    private static void verify(Path part, String etag, String file, Snapshot snapshot) throws IOException {
        String found = etag.length() == 64 ? digest("SHA-256", new byte[0], part) : gitHash(part);
        if (!found.equals(etag)) {
            Files.delete(part);
            throw new HubException(file + " of " + snapshot.repository().name() + " came with the hash " + found
                    + " and should have " + etag + "; it was dropped, try again.");
        }
    }

    private static String gitHash(Path file) throws IOException {
        return digest("SHA-1", ("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8), file);
    }

    private static String digest(String algorithm, byte[] before, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(before);
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + algorithm, e);
        }
    }

    private String etag(URI address, HubRepository repository, String file) {
        HttpResponse<Void> head = send(
                request(address, repository, true).method("HEAD", HttpRequest.BodyPublishers.noBody()),
                HttpResponse.BodyHandlers.discarding(),
                repository);
        check(head.statusCode(), address, repository);
        String etag = head.headers()
                .firstValue("X-Linked-Etag")
                .or(() -> head.headers().firstValue("ETag"))
                .orElse("")
                .replaceAll("^W/|\"", "");
        if (!etag.matches("[0-9a-f]{40}|[0-9a-f]{64}")) {
            throw new HubException("The hub gives no hash for " + file + " of " + repository.name() + ".");
        }
        return etag;
    }

    /** Follows redirects itself: the token goes to the hub's host and to no other. */
    private HttpResponse<InputStream> get(URI address, HubRepository repository, long from) {
        URI next = address;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            boolean own = next.getHost().equals(config.endpoint().getHost())
                    && next.getPort() == config.endpoint().getPort();
            HttpRequest.Builder request = request(next, repository, own).GET();
            if (from > 0) {
                request.header("Range", "bytes=" + from + "-");
            }
            HttpResponse<InputStream> response = send(request, HttpResponse.BodyHandlers.ofInputStream(), repository);
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                check(response.statusCode(), address, repository);
                return response;
            }
            next = next.resolve(location.get());
        }
        throw new HubException("The hub redirects " + address + " without end.");
    }

    private HttpRequest.Builder request(URI address, HubRepository repository, boolean withToken) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(Duration.ofMinutes(30))
                .header("User-Agent", "squadron/0.1 (" + repository.kind() + ")")
                .header("Accept-Encoding", "identity");
        if (withToken) {
            config.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        return request;
    }

    private <T> HttpResponse<T> send(
            HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler, HubRepository repository) {
        try {
            return http.send(request.build(), handler);
        } catch (IOException e) {
            throw new HubException(
                    "The hub " + config.endpoint() + " does not answer for " + repository.name() + ": " + e
                            + ". Look at the network, set HF_ENDPOINT to a mirror, or HF_HUB_OFFLINE=1 to use the cache.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("Interrupted while fetching " + repository.name(), e);
        }
    }

    private void check(int status, URI address, HubRepository repository) {
        if (status / 100 == 2 || status / 100 == 3) {
            return;
        }
        throw new HubException(
                switch (status) {
                    case 401 -> repository.name() + " is not there, or private: check the name, or set HF_TOKEN.";
                    case 403 ->
                        repository.name()
                                + " is gated: accept its terms on its page, and set HF_TOKEN to a token of that account.";
                    case 404 -> "The hub has no " + address.getPath() + ": check name, revision and file.";
                    case 429 -> "The hub is asked too often; wait a while, and set HF_TOKEN for a higher limit.";
                    default -> "The hub answers " + status + " for " + address.getPath() + "; try again later.";
                });
    }
}
