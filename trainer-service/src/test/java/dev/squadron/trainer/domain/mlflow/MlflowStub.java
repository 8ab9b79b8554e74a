package dev.squadron.trainer.domain.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A server that behaves as MLflow does, over HTTP: it keeps experiments, runs and metrics, limits batches, and lets no parameter change. */
public final class MlflowStub implements AutoCloseable {
    /** A run as the server has it. */
    static final class Run {
        final String id;
        final Map<String, String> tags = new LinkedHashMap<>();
        final Map<String, String> params = new LinkedHashMap<>();
        final Set<String> metrics = new LinkedHashSet<>();
        String status = "RUNNING";

        Run(String id) {
            this.id = id;
        }
    }

    private final HttpServer server;
    private final String token;
    private final List<String> experiments = new ArrayList<>();
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private String failing;

    /** Listens on {@code port}, 0 for any, and asks for {@code token} unless it is null. */
    public MlflowStub(int port, String token) throws IOException {
        this.token = token;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/mlflow/api/2.0/mlflow/", this::handle);
        server.start();
    }

    /** Returns what it is tracked by. */
    public URI uri() {
        return URI.create("http://localhost:" + port() + "/mlflow");
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Returns the run of that name, or null. */
    synchronized Run run(String name) {
        return tagged("squadron.run", name);
    }

    /** Returns the sweep of that name, or null. */
    synchronized Run sweep(String name) {
        return tagged("squadron.sweep", name);
    }

    private Run tagged(String tag, String value) {
        return runs.values().stream()
                .filter(run -> value.equals(run.tags.get(tag)))
                .findFirst()
                .orElse(null);
    }

    /** Answers the next request to that path as a server that is overloaded. */
    synchronized void failOnce(String path) {
        failing = path;
    }

    synchronized int runs() {
        return runs.size();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring("/mlflow/api/2.0/mlflow/".length());
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (token != null
                && !("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, Map.of("error_code", "UNAUTHENTICATED", "message", "no token"));
            return;
        }
        if (path.equals(failing)) {
            failing = null;
            answer(exchange, 503, Map.of());
            return;
        }
        try {
            JsonNode request =
                    body.length == 0 ? ContractJson.mapper().createObjectNode() : ContractJson.readTree(body);
            switch (path) {
                case "experiments/get-by-name" -> {
                    int id = experiments.indexOf(
                            exchange.getRequestURI().getQuery().split("=", 2)[1]);
                    answer(
                            exchange,
                            id < 0 ? 404 : 200,
                            id < 0
                                    ? Map.of("error_code", "RESOURCE_DOES_NOT_EXIST")
                                    : Map.of("experiment", Map.of("experiment_id", "" + id)));
                }
                case "experiments/create" -> {
                    experiments.add(request.get("name").asText());
                    answer(exchange, 200, Map.of("experiment_id", "" + (experiments.size() - 1)));
                }
                case "runs/search" ->
                    answer(exchange, 200, found(request.get("filter").asText()));
                case "runs/create" -> {
                    Run run = new Run("id-" + runs.size());
                    put(request.get("tags"), run.tags);
                    runs.put(run.id, run);
                    answer(exchange, 200, Map.of("run", json(run)));
                }
                case "runs/log-batch" -> log(exchange, request);
                case "runs/update" -> {
                    runs.get(request.get("run_id").asText()).status =
                            request.get("status").asText();
                    answer(exchange, 200, Map.of());
                }
                default -> answer(exchange, 404, Map.of());
            }
        } catch (InvalidMessage e) {
            answer(exchange, 400, Map.of("message", e.getMessage()));
        }
    }

    private Map<String, ?> found(String filter) {
        return runs.values().stream()
                .filter(run -> run.tags.entrySet().stream()
                        .anyMatch(tag -> filter.equals("tags.`" + tag.getKey() + "` = '" + tag.getValue() + "'")))
                .findFirst()
                .map(run -> Map.of("runs", List.of(json(run))))
                .orElse(Map.of());
    }

    private static Map<String, ?> json(Run run) {
        return Map.of(
                "info",
                Map.of("run_id", run.id, "status", run.status),
                "data",
                Map.of(
                        "tags",
                        run.tags.entrySet().stream()
                                .map(tag -> Map.of("key", tag.getKey(), "value", tag.getValue()))
                                .toList()));
    }

    private void log(HttpExchange exchange, JsonNode request) throws IOException {
        Run run = runs.get(request.get("run_id").asText());
        if (request.path("metrics").size() > 1_000 || request.path("params").size() > 100) {
            answer(exchange, 400, Map.of("message", "too many"));
            return;
        }
        for (JsonNode param : request.path("params")) {
            String value = param.get("value").asText();
            if (!run.params.getOrDefault(param.get("key").asText(), value).equals(value)) {
                answer(exchange, 400, Map.of("message", "another value"));
                return;
            }
        }
        put(request.path("params"), run.params);
        put(request.path("tags"), run.tags);
        request.path("metrics")
                .forEach(metric -> run.metrics.add(metric.get("key").asText() + "@"
                        + metric.get("step").asLong() + "="
                        + metric.get("value").asDouble()));
        answer(exchange, 200, Map.of());
    }

    private static void put(JsonNode pairs, Map<String, String> into) {
        pairs.forEach(
                pair -> into.put(pair.get("key").asText(), pair.get("value").asText()));
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        byte[] bytes = ContractJson.write(body);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
