package dev.squadron.text.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Behaves as the hub does: an API that pins revisions, files that are redirected to another host with hash and size in the headers,
 * ranges, tokens, gated repositories.
 */
final class HubServer implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer hub = server();
    private final HttpServer storage = server();
    private final Map<String, byte[]> files = new HashMap<>();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private int status = 200;
    private boolean corrupt;
    private int cutAfter = Integer.MAX_VALUE;

    HubServer() {
        hub.createContext("/api/", this::api);
        hub.createContext("/", this::resolve);
        storage.createContext("/", this::store);
        hub.start();
        storage.start();
    }

    HubServer with(String file, String content) {
        files.put(file, content.getBytes(UTF_8));
        return this;
    }

    /** Answers every request with {@code code} from now on. */
    void fail(int code) {
        status = code;
    }

    /** Sends other bytes than the hash promises. */
    void corrupt() {
        corrupt = true;
    }

    /** Ends each transfer after so many bytes. */
    void cutAfter(int bytes) {
        cutAfter = bytes;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /** Returns the requests so far: server, method, path, range, whether a token came along. */
    List<String> log() {
        return List.copyOf(log);
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }

    private void api(HttpExchange exchange) throws IOException {
        note("hub", exchange);
        String siblings = files.keySet().stream()
                .sorted()
                .map(file -> "{\"rfilename\":\"" + file + "\"}")
                .collect(Collectors.joining(","));
        send(exchange, status, ("{\"sha\":\"" + COMMIT + "\",\"siblings\":[" + siblings + "]}").getBytes(UTF_8));
    }

    private void resolve(HttpExchange exchange) throws IOException {
        note("hub", exchange);
        String path = exchange.getRequestURI().getPath();
        byte[] file = files.get(path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1));
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(file) + "\"");
        exchange.getResponseHeaders()
                .set("Location", "http://127.0.0.1:" + storage.getAddress().getPort() + path);
        send(exchange, status == 200 ? 302 : status, new byte[0]);
    }

    private void store(HttpExchange exchange) throws IOException {
        note("storage", exchange);
        String path = exchange.getRequestURI().getPath();
        byte[] file = files.get(path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1))
                .clone();
        if (corrupt) {
            file[0]++;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] rest = Arrays.copyOfRange(file, from, file.length);
        exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
        try (exchange) {
            exchange.getResponseBody().write(rest, 0, Math.min(rest.length, cutAfter));
        }
    }

    private void note(String server, HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        log.add(server + " " + exchange.getRequestMethod() + " "
                + exchange.getRequestURI().getPath().replaceAll(".*/", "")
                + (range == null ? "" : " " + range)
                + (exchange.getRequestHeaders().containsKey("Authorization") ? " with token" : ""));
    }

    private static void send(HttpExchange exchange, int code, byte[] body) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(code, head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
