package dev.squadron.trainer.domain.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A tracking server, over the REST API 2.0 of MLflow (https://mlflow.org/docs/latest/rest-api.html). */
public final class MlflowClient {
    /** The tag by which MLflow shows a run under another. */
    private static final String PARENT = "mlflow.parentRunId";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_PARAMETERS = 100;
    private static final int MAX_METRICS = 1_000;
    private static final int MAX_VALUE = 500;

    private final MlflowServer server;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    /**
     * A value of a metric.
     *
     * @param key its name
     * @param step updates made; of a trial, epochs gone through
     * @param at when
     */
    record Metric(String key, double value, long step, Instant at) {

        /** Returns the values that are there and finite; MLflow takes no others. */
        static List<Metric> of(Map<String, Double> values, long step, Instant at) {
            return values.entrySet().stream()
                    .filter(value -> value.getValue() != null && Double.isFinite(value.getValue()))
                    .map(value -> new Metric(value.getKey(), value.getValue(), step, at))
                    .toList();
        }
    }

    /** Returns a client of {@code server}; nothing is sent yet. */
    public MlflowClient(MlflowServer server) {
        this.server = server;
    }

    /**
     * Returns the id of a run: that of the last one with its tag, or of one that is begun.
     *
     * @param parent the id of its parent, if it has one
     */
    String open(MlflowRun run, Optional<String> parent) throws IOException, MlflowRefused {
        String experiment = experiment();
        Optional<String> known = find(experiment, run.filter());
        return known.isPresent() ? known.get() : create(experiment, run, parent);
    }

    /** Returns the id of the experiment of that name, which is made where there is none. */
    private String experiment() throws IOException, MlflowRefused {
        Optional<JsonNode> known =
                exchange("GET", "experiments/get-by-name?experiment_name=" + encoded(server.experiment()), null);
        if (known.isPresent()) {
            return known.get().at("/experiment/experiment_id").asText();
        }
        return post("experiments/create", object().put("name", server.experiment()))
                .path("experiment_id")
                .asText();
    }

    private Optional<String> find(String experiment, String filter) throws IOException, MlflowRefused {
        ObjectNode request = object().put("filter", filter).put("max_results", 1);
        request.putArray("experiment_ids").add(experiment);
        JsonNode id = post("runs/search", request).at("/runs/0/info/run_id");
        return id.isTextual() ? Optional.of(id.asText()) : Optional.empty();
    }

    private String create(String experiment, MlflowRun run, Optional<String> parent) throws IOException, MlflowRefused {
        ObjectNode request = object().put("experiment_id", experiment)
                .put("run_name", run.name())
                .put("start_time", run.start().toEpochMilli());
        Map<String, String> tags = new TreeMap<>(run.tags());
        tags.put(run.tag(), run.name());
        parent.ifPresent(id -> tags.put(PARENT, id));
        pairs(request.putArray("tags"), tags);
        return post("runs/create", request).at("/run/info/run_id").asText();
    }

    /** Logs parameters, of which there may be {@value #MAX_PARAMETERS}; those that are there must be the same. */
    void parameters(String run, Map<String, String> parameters) throws IOException, MlflowRefused {
        ObjectNode request = object().put("run_id", run);
        pairs(request.putArray("params"), parameters);
        post("runs/log-batch", request);
    }

    /** Logs metrics, {@value #MAX_METRICS} at a time: MLflow takes no more. */
    void metrics(String run, List<Metric> metrics) throws IOException, MlflowRefused {
        for (int from = 0; from < metrics.size(); from += MAX_METRICS) {
            batch(run, metrics.subList(from, Math.min(from + MAX_METRICS, metrics.size())));
        }
    }

    private void batch(String run, List<Metric> metrics) throws IOException, MlflowRefused {
        ObjectNode request = object().put("run_id", run);
        ArrayNode all = request.putArray("metrics");
        metrics.forEach(metric -> all.addObject()
                .put("key", metric.key())
                .put("value", metric.value())
                .put("timestamp", metric.at().toEpochMilli())
                .put("step", metric.step()));
        post("runs/log-batch", request);
    }

    /** Sets tags and ends a run. */
    void end(String run, MlflowEnd end) throws IOException, MlflowRefused {
        ObjectNode request = object().put("run_id", run);
        pairs(request.putArray("tags"), end.tags());
        post("runs/log-batch", request);
        post(
                "runs/update",
                object().put("run_id", run)
                        .put("status", end.status().name())
                        .put("end_time", end.at().toEpochMilli()));
    }

    private JsonNode post(String path, ObjectNode body) throws IOException, MlflowRefused {
        return exchange("POST", path, body)
                .orElseThrow(() -> new MlflowRefused(server + " knows no " + path + "; is it an MLflow server?"));
    }

    /** Returns the answer, or nothing for a 404. */
    private Optional<JsonNode> exchange(String method, String path, ObjectNode body) throws IOException, MlflowRefused {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("api/2.0/mlflow/" + path))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(ContractJson.write(body)));
        server.authorization().ifPresent(value -> request.header("Authorization", value));
        try {
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            int status = response.statusCode();
            if (status == 404) {
                return Optional.empty();
            }
            if (status == 429 || status >= 500) {
                throw new IOException(server + " answers " + path + " with " + status);
            }
            JsonNode json = ContractJson.readTree(response.body());
            if (status >= 400) {
                throw new MlflowRefused(server + " refuses " + path + " with " + status + ": "
                        + json.path("message").asText("no reason given"));
            }
            return Optional.of(json);
        } catch (InvalidMessage e) {
            throw new MlflowRefused(server + " answers " + path + " with no JSON; is it an MLflow server?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while asking " + server, e);
        }
    }

    private static void pairs(ArrayNode into, Map<String, String> pairs) {
        pairs.entrySet().stream().limit(MAX_PARAMETERS).forEach(pair -> into.addObject()
                .put("key", pair.getKey())
                .put(
                        "value",
                        pair.getValue()
                                .substring(
                                        0, Math.min(MAX_VALUE, pair.getValue().length()))));
    }

    private static ObjectNode object() {
        return ContractJson.mapper().createObjectNode();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
