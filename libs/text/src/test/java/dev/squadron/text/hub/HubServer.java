package dev.squadron.text.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Behaves as the hub does: an API that pins revisions; large files (LFS) that are redirected to another host with SHA-256 and size
 * in the headers, small ones that it sends itself under git's hash; ranges, tokens, gated and renamed repositories. And as it does
 * on a bad day: other statuses, other bytes, transfers that break off.
 */
final class HubServer implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final String ERROR_CODE = "X-Error-Code";

    private record Content(byte[] bytes, boolean large) {
        String hash() {
            return large ? sha("SHA-256", bytes) : sha("SHA-1", ("blob " + bytes.length + "\0").getBytes(UTF_8), bytes);
        }
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub = server(this::answer);
    private final HttpServer storage = server(this::store);
    private final Map<String, Content> files = new ConcurrentHashMap<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile int status = 200;
    private volatile String errorCode;
    private volatile String retryAfter;
    private volatile String oldName;
    private volatile String gateToken;
    private volatile boolean corrupt;
    private volatile boolean ranges = true;
    private volatile int cutAfter;
    private volatile long promised;
    private volatile CountDownLatch gathering = new CountDownLatch(0);

    /** Adds a large file. */
    HubServer with(String file, String content) {
        files.put(file, new Content(content.getBytes(UTF_8), true));
        return this;
    }

    /** Adds a small file. */
    HubServer withSmall(String file, String content) {
        files.put(file, new Content(content.getBytes(UTF_8), false));
        return this;
    }

    /** Answers every request to the hub with {@code code} from now on. */
    void fail(int code, String error) {
        failNext(Integer.MAX_VALUE, code, null);
        errorCode = error;
    }

    /** Answers that many requests to the hub with {@code code}. */
    void failNext(int times, int code, String waitSeconds) {
        status = code;
        retryAfter = waitSeconds;
        refusals.set(times);
    }

    /** Gives files only to those who have this token. */
    void gate(String token) {
        gateToken = token;
    }

    /** Redirects from the name that the repository had before. */
    void renamedFrom(String name) {
        oldName = name;
    }

    /** Sends other bytes than the hash promises. */
    void corrupt() {
        corrupt = true;
    }

    /** Sends whole files whatever range is asked for. */
    void ignoreRanges() {
        ranges = false;
    }

    /** Promises so many bytes of large files. */
    void promise(long bytes) {
        promised = bytes;
    }

    /** Breaks that many transfers of large files off, each after so many bytes. */
    void cut(int times, int bytes) {
        cuts.set(times);
        cutAfter = bytes;
    }

    /** Lets no transfer of a large file begin before so many have been asked for. */
    void gather(int transfers) {
        gathering = new CountDownLatch(transfers);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /** Returns the requests so far: server, method, file, range, whether a token came along. */
    List<String> log() {
        return List.copyOf(log);
    }

    /** Returns the paths that the hub was asked for. */
    List<String> paths() {
        return List.copyOf(paths);
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        note("hub", exchange);
        String path = exchange.getRequestURI().getPath();
        paths.add(path);
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            header(exchange, ERROR_CODE, errorCode);
            header(exchange, "Retry-After", retryAfter);
            send(exchange, status, "no".getBytes(UTF_8));
        } else if (oldName != null && path.contains(oldName)) {
            header(exchange, "Location", path.replace(oldName, "new/name"));
            send(exchange, 307, "moved".getBytes(UTF_8));
        } else if (path.contains("/resolve/")) {
            resolve(exchange, path);
        } else if (path.matches(".*/revision/(main|refs/pr/1|v1|" + COMMIT + ")")) {
            send(exchange, 200, description());
        } else {
            header(exchange, ERROR_CODE, "RevisionNotFound");
            send(exchange, 404, new byte[0]);
        }
    }

    private byte[] description() {
        String siblings = files.keySet().stream()
                .sorted()
                .map(file -> "{\"rfilename\":\"" + file + "\"}")
                .collect(Collectors.joining(","));
        return ("{\"id\":\"google/flan-t5-tiny\",\"sha\":\"" + COMMIT + "\",\"siblings\":[" + siblings + "]}")
                .getBytes(UTF_8);
    }

    private void resolve(HttpExchange exchange, String path) throws IOException {
        Content file = files.get(file(path));
        header(exchange, "X-Repo-Commit", COMMIT);
        if (gateToken != null
                && !("Bearer " + gateToken).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            header(exchange, ERROR_CODE, "GatedRepo");
            send(exchange, exchange.getRequestHeaders().containsKey("Authorization") ? 403 : 401, new byte[0]);
        } else if (file == null) {
            header(exchange, ERROR_CODE, "EntryNotFound");
            send(exchange, 404, new byte[0]);
        } else if (file.large()) {
            header(exchange, "X-Linked-Etag", "\"" + file.hash() + "\"");
            header(exchange, "X-Linked-Size", String.valueOf(promised > 0 ? promised : file.bytes().length));
            header(
                    exchange,
                    "Location",
                    "http://127.0.0.1:" + storage.getAddress().getPort()
                            + exchange.getRequestURI().getRawPath());
            send(exchange, 302, "elsewhere".getBytes(UTF_8));
        } else {
            header(exchange, "ETag", "W/\"" + file.hash() + "\"");
            send(exchange, 200, file.bytes());
        }
    }

    private void store(HttpExchange exchange) throws IOException {
        note("storage", exchange);
        byte[] file =
                files.get(file(exchange.getRequestURI().getPath())).bytes().clone();
        await();
        if (corrupt) {
            file[0]++;
        }
        String range = ranges ? exchange.getRequestHeaders().getFirst("Range") : null;
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] rest = Arrays.copyOfRange(file, from, file.length);
        boolean cut = cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        header(exchange, "ETag", "\"" + "c".repeat(64) + "\"");
        exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
        try (exchange) {
            exchange.getResponseBody().write(rest, 0, cut ? Math.min(rest.length, cutAfter) : rest.length);
        }
    }

    private void await() {
        gathering.countDown();
        try {
            if (!gathering.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The transfers do not come side by side");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(String server, HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        log.add(server + " " + exchange.getRequestMethod() + " "
                + exchange.getRequestURI().getPath().replaceAll(".*/", "")
                + (range == null ? "" : " " + range)
                + (exchange.getRequestHeaders().containsKey("Authorization") ? " with token" : ""));
    }

    private static String file(String path) {
        return path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1);
    }

    private static void header(HttpExchange exchange, String name, String value) {
        if (value != null) {
            exchange.getResponseHeaders().set(name, value);
        }
    }

    private static void send(HttpExchange exchange, int code, byte[] body) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                header(exchange, "Content-Length", String.valueOf(body.length));
            }
            exchange.sendResponseHeaders(code, head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static String sha(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            Arrays.stream(parts).forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpServer server(HttpHandler handler) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", handler);
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
