package dev.squadron.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Counts;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.cli.stack.StackStatus;
import dev.squadron.contracts.ContractJson;
import dev.squadron.local.KafkaBroker;
import dev.squadron.local.LocalStack;
import dev.squadron.local.ObjectStoreServer;
import dev.squadron.local.StackTopics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker, then the store, go away under running services, and come back. */
class OutageIT {
    private static final String KEY = "squadron";
    private static final String SECRET = "outage-secret";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static int kafkaPort;
    private static int storePort;
    private static KafkaBroker broker;
    private static ObjectStoreServer store;
    private static Home home;
    private static StackProcesses processes;

    @BeforeAll
    static void start() throws Exception {
        kafkaPort = freePort();
        storePort = freePort();
        startBroker();
        StackTopics.create(broker.bootstrapServers(), 3);
        startStore();
        home = new Home(Samples.ROOT, directory.resolve("home"));
        processes = new StackProcesses(home, Samples.quiet());
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "kafka.bootstrap.servers",
                broker.bootstrapServers(),
                "squadron.store.endpoint",
                store.endpoint().toString(),
                "squadron.store.bucket",
                LocalStack.BUCKET,
                "squadron.store.access-key",
                KEY,
                "squadron.store.secret-key",
                SECRET));
        processes.up(home.demoModel().toString(), settings);
    }

    @AfterAll
    static void stop() {
        processes.down();
        store.close();
        broker.close();
    }

    @Test
    void withoutTheBrokerServicesSaySoRefuseWhatTheyCannotWriteAndGoOnByThemselves() throws Exception {
        broker.close();
        try {
            for (String service : List.of("ingest", "tokenizer", "trainer")) {
                awaitHealth(
                        service,
                        health -> isDown(health) && said(health, "kafka").equals("does not answer"));
            }
            assertThat(said(awaitHealth("inference", health -> !isDown(health)), "kafka"))
                    .isEqualTo("does not answer");
            StackStatus status = StackStatus.of(home, processes);
            assertThat(status.isWell()).isFalse();
            assertThat(status.processes().get("ingest").state()).isEqualTo("unready");
            assertThat(status.datasets()).isEmpty();
            assertThat(status.processes().get("inference").state()).isEqualTo("ready");
            assertThat(status.model().path("model").asText()).isNotEmpty();
            assertRefused(request("trainer", "/v1/runs", Map.of("dataset", "handbook")), "no-broker");
            assertRefused(
                    request(
                            "ingest",
                            "/v1/datasets",
                            Map.of("name", "refused", "sources", List.of(Map.of("source", upload())))),
                    "no-broker");
            assertRefused(request("ingest", "/v1/datasets/refused/seal", Map.of()), "no-broker");
            assertThat(pipeline()
                            .ask("Who keeps the light?", "Ada keeps the light.")
                            .path("answer")
                            .asText())
                    .isNotEmpty();
        } finally {
            startBroker();
        }
        StackProcesses.SERVICES.forEach(service -> awaitHealth(
                service, health -> !isDown(health) && said(health, "kafka").equals("answers")));
        Counts counts = pipeline().ingest("after-the-outage", List.of(new Input(sample().toString(), "train", null)));
        assertThat(counts.tokenized()).isEqualTo(counts.ingested()).isEqualTo(20);
    }

    @Test
    void withoutTheStoreServicesSaySoRefuseUploadsAndGoOnByThemselves() throws Exception {
        store.close();
        try {
            for (String service : List.of("ingest", "trainer")) {
                awaitHealth(
                        service,
                        health -> isDown(health) && said(health, "bucket").equals("does not answer"));
            }
            assertThat(said(awaitHealth("inference", health -> !isDown(health)), "bucket"))
                    .isEqualTo("does not answer");
            assertRefused(
                    HttpRequest.newBuilder(address("ingest", "/v1/uploads"))
                            .header("Content-Type", "application/octet-stream")
                            .PUT(BodyPublishers.ofFile(sample()))
                            .build(),
                    "no-store");
        } finally {
            startStore();
        }
        StackProcesses.SERVICES.forEach(service -> awaitHealth(service, health -> !isDown(health)));
        assertThat(upload()).startsWith("upload:");
    }

    private static void startBroker() {
        broker = KafkaBroker.start(directory.resolve("kafka"), kafkaPort);
    }

    private static void startStore() {
        store = ObjectStoreServer.start(directory.resolve("objects"), storePort, KEY, SECRET, LocalStack.BUCKET);
    }

    private static Pipeline pipeline() {
        return new Pipeline(home, Samples.quiet());
    }

    private static Path sample() throws Exception {
        return Samples.squad(directory, "handbook-train.json", 20);
    }

    private static String upload() throws Exception {
        return new ServiceClient()
                .put(address("ingest", "/v1/uploads").toString(), sample())
                .path("source")
                .asText();
    }

    private static HttpRequest request(String service, String path, Object body) {
        return HttpRequest.newBuilder(address(service, path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(ContractJson.write(body)))
                .build();
    }

    private static void assertRefused(HttpRequest request, String rule) throws Exception {
        HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(ContractJson.readTree(response.body()).path("type").asText()).endsWith(":" + rule);
    }

    private static JsonNode awaitHealth(String service, Predicate<JsonNode> condition) {
        JsonNode[] found = new JsonNode[1];
        Awaitility.await(service).atMost(Duration.ofMinutes(1)).until(() -> {
            found[0] = ContractJson.readTree(HTTP.send(
                            HttpRequest.newBuilder(address(service, "/q/health/ready"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body());
            return condition.test(found[0]);
        });
        return found[0];
    }

    private static boolean isDown(JsonNode health) {
        return health.path("status").asText().equals("DOWN");
    }

    private static String said(JsonNode health, String dependency) {
        return health.findPath(dependency).asText();
    }

    private static URI address(String service, String path) {
        return URI.create(StackState.read(home).address(service) + path);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
