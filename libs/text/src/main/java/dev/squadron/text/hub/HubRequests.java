package dev.squadron.text.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * Single requests to the hub. They follow redirects by themselves, so that the token goes to the hub's host and to no other. Not
 * {@code java.net.http}: it has no limit for a body that stops coming.
 *
 * <p>An {@link IOException} means that the same request may succeed later, a {@link HubException} that it will not.
 */
final class HubRequests {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_JSON_BYTES = 64 << 20;
    private static final int CONNECT_MILLIS = (int) Duration.ofSeconds(20).toMillis();
    private static final int READ_MILLIS = (int) Duration.ofSeconds(60).toMillis();
    private static final String LINKED_HASH = "X-Linked-Etag";

    private final HubConfig config;

    HubRequests(HubConfig config) {
        this.config = config;
    }

    /** Returns what the hub's API says of a revision, in JSON. */
    byte[] revision(HubRepository repository, String revision) throws IOException {
        HttpURLConnection connection = follow("GET", repository, repository.apiPath(revision), 0);
        try (InputStream body = connection.getInputStream()) {
            return body.readNBytes(MAX_JSON_BYTES);
        }
    }

    /** Returns size and hash of a file. A large file's are in the redirect to where it lies; that host's own ETag is another. */
    HubFile describe(HubRepository repository, String commit, String file) throws IOException {
        HttpURLConnection head = follow("HEAD", repository, repository.filePath(commit, file), 0);
        boolean linked = head.getHeaderField(LINKED_HASH) != null;
        boolean byHub = linked || isHub(head) || head.getHeaderField("X-Repo-Commit") != null;
        String tag = byHub ? head.getHeaderField(linked ? LINKED_HASH : "ETag") : null;
        String hash = Objects.requireNonNullElse(tag, "").replaceAll("^W/|\"", "");
        long size = head.getHeaderFieldLong("X-Linked-Size", linked ? -1 : head.getContentLengthLong());
        if (!HubFile.isHash(hash) || size < 0) {
            throw new HubException(config.endpoint() + " names no hash and size for " + file + " of "
                    + repository.name() + ", so what it sends cannot be verified; set HF_ENDPOINT to another one.");
        }
        return new HubFile(file, hash, size);
    }

    /** Opens a file from its byte {@code from} on; status 200 says that it comes from its beginning all the same. */
    HttpURLConnection open(HubRepository repository, String commit, String file, long from) throws IOException {
        return follow("GET", repository, repository.filePath(commit, file), from);
    }

    private HttpURLConnection follow(String method, HubRepository repository, String path, long from)
            throws IOException {
        URI next = URI.create(config.endpoint() + "/" + path);
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpURLConnection connection = send(method, next, repository, from);
            String location = connection.getHeaderField("Location");
            boolean described = method.equals("HEAD") && connection.getHeaderField(LINKED_HASH) != null;
            if (connection.getResponseCode() / 100 != 3 || location == null || described) {
                check(connection, repository, path, described);
                return connection;
            }
            discard(connection);
            next = target(next, location);
        }
        throw new HubException("The hub redirects " + path + " without end.");
    }

    private static void discard(HttpURLConnection answer) throws IOException {
        InputStream body = answer.getResponseCode() < 400 ? answer.getInputStream() : answer.getErrorStream();
        if (body != null) {
            body.close();
        }
    }

    private static URI target(URI from, String location) {
        try {
            URI target = from.resolve(location);
            if (isWeb(target)) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            throw new HubException(from.getHost() + " redirects to “" + location + "”, which is no address.", e);
        }
        throw new HubException(from.getHost() + " redirects to “" + location + "”, which is not on the web.");
    }

    private static boolean isWeb(URI address) {
        return address.getHost() != null && ("https".equals(address.getScheme()) || "http".equals(address.getScheme()));
    }

    private HttpURLConnection send(String method, URI address, HubRepository repository, long from) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setRequestProperty("User-Agent", "squadron/0.1 (" + repository.kind() + ")");
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        if (isHub(connection)) {
            config.token().ifPresent(token -> connection.setRequestProperty("Authorization", "Bearer " + token));
        }
        return connection;
    }

    private boolean isHub(HttpURLConnection connection) {
        return origin(URI.create(connection.getURL().toString())).equals(origin(config.endpoint()));
    }

    private static String origin(URI address) {
        int port =
                address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
        return (address.getScheme() + "://" + address.getHost() + ":" + port).toLowerCase(Locale.ROOT);
    }

    private void check(HttpURLConnection answer, HubRepository repository, String path, boolean described)
            throws IOException {
        int status = answer.getResponseCode();
        if (status == 200 || status == 206 || described) {
            return;
        }
        discard(answer);
        String host = answer.getURL().getHost();
        switch (status) {
            case 408, 500, 502, 503, 504 -> throw new BusyException(host + " answers " + status, wait(answer));
            case 429 ->
                throw new BusyException(
                        host + " answers 429, it is asked too often (a token in HF_TOKEN has a higher limit)",
                        wait(answer));
            default -> {
                if (!isHub(answer)) {
                    throw new BusyException(host + ", where the file lies, answers " + status, Duration.ZERO);
                }
                throw new HubException(refusal(status, answer.getHeaderField("X-Error-Code"), repository, path));
            }
        }
    }

    private String refusal(int status, String code, HubRepository repository, String path) {
        String name = repository.name();
        if ("GatedRepo".equals(code) || (status == 403 && code == null)) {
            return name + " is gated: accept its terms on " + config.endpoint() + "/" + repository.page()
                    + ", and set HF_TOKEN to a token of that account"
                    + (config.token().isPresent() ? "; the one that is set has no access." : ".");
        }
        return switch (status) {
            case 401 ->
                config.token().isPresent()
                        ? name + " is not given for the token in HF_TOKEN: it is expired, or may not read it."
                        : name + " is not there, or private: check the name, or set HF_TOKEN.";
            case 404 ->
                switch (Objects.requireNonNullElse(code, "")) {
                    case "RepoNotFound" ->
                        "The hub has no " + name + ", or it is private: check the name, or set HF_TOKEN.";
                    case "RevisionNotFound" ->
                        name + " has no such revision: check the branch, tag or commit in " + path + ".";
                    default -> "The hub has no " + path + ": check name, revision and file.";
                };
            default ->
                "The hub answers " + status + " for " + path + "; look at " + config.endpoint() + "/"
                        + repository.page() + ".";
        };
    }

    private static Duration wait(HttpURLConnection answer) {
        String seconds = Objects.requireNonNullElse(answer.getHeaderField("Retry-After"), "");
        if (seconds.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Long.parseLong(seconds));
        }
        long until = answer.getHeaderFieldDate("Retry-After", 0) - System.currentTimeMillis();
        return Duration.ofMillis(Math.max(0, until));
    }
}
