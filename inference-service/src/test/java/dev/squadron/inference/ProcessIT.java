package dev.squadron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.local.LocalStack;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as a process of its own: it finds the live head at its start, and drains at its end. */
class ProcessIT {
    private static final Map<String, String> QUESTION = Map.of(
            "question", "Who is the captain?",
            "context", "The ferry leaves the harbour at noon. Anna Berg is its captain.");
    private static final int QUESTIONS = 64;

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private LocalStack stack;
    private int port;
    private Process service;

    @BeforeEach
    void startStack() throws IOException {
        stack = LocalStack.start(directory.resolve("stack"));
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        if (service != null) {
            service.destroyForcibly().waitFor();
        }
        stack.close();
    }

    @Test
    void findsTheLiveHeadAndFinishesWhatRunsBeforeItLeaves() throws Exception {
        CheckpointRef live = publishCheckpoint();
        service = startService();
        await().atMost(Duration.ofSeconds(90)).until(() -> status("/q/health/ready") == 200);

        HttpResponse<String> answer = post(QUESTION).get(30, TimeUnit.SECONDS);
        assertThat(answer.headers().firstValue("Squadron-Checkpoint")).contains(live.id());

        assertThat(get("/v1/debug/taps").statusCode()).isEqualTo(404);
        assertThat(get("/v1/debug/taps").body()).contains("SQUADRON_INFERENCE_TAPS=true allows it");

        CompletableFuture<HttpResponse<String>> inFlight = post(Collections.nCopies(QUESTIONS, QUESTION));
        await().until(() -> get("/q/metrics").body().contains("squadron_num_requests_running")
                && !get("/q/metrics").body().matches("(?s).*squadron_num_requests_running\\{[^}]*} 0\\.0.*"));
        service.destroy();
        await().until(() -> status("/q/health/ready") == 503);

        HttpResponse<String> last = inFlight.get(60, TimeUnit.SECONDS);
        assertThat(last.statusCode()).isEqualTo(200);
        JsonNode answers = ContractJson.mapper().readTree(last.body());
        assertThat(answers)
                .hasSize(QUESTIONS)
                .allSatisfy(one -> assertThat(one.get("answer").asText()).isEqualTo("Anna Berg"));
        assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private CheckpointRef publishCheckpoint() throws Exception {
        Map<String, String> settings = stack.settings();
        StoreConfig bucket = new StoreConfig(
                stack.storeEndpoint(),
                "us-east-1",
                LocalStack.BUCKET,
                settings.get("squadron.store.access-key"),
                settings.get("squadron.store.secret-key"));
        try (ObjectStore store = ObjectStore.open(bucket);
                Seq2SeqModel model = Seq2SeqModel.load(StackResource.model(), new Threads(1, 1))) {
            TestCheckpoints checkpoints = new TestCheckpoints(
                    store,
                    model,
                    new DemoModel(),
                    KafkaClients.of(Map.of("bootstrap.servers", stack.bootstrapServers())));
            CheckpointRef live = checkpoints.write(0.9f);
            checkpoints.promote(live, null);
            return live;
        }
    }

    private Process startService() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-Dquarkus.http.port=" + port,
                "-Dsquadron.model.name=" + StackResource.model(),
                "-Dsquadron.inference.cache-directory=" + directory.resolve("cache")));
        stack.settings().forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of(
                "-jar", Path.of("target", "quarkus-app", "quarkus-run.jar").toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "process-it.log").toFile())
                .start();
    }

    private CompletableFuture<HttpResponse<String>> post(Object body) {
        HttpRequest request = HttpRequest.newBuilder(uri("/v1/answers"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(ContractJson.write(body)))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private int status(String path) throws InterruptedException {
        try {
            return get(path).statusCode();
        } catch (IOException e) {
            return -1;
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The settings of the process. */
    private static final class DemoModel implements ModelSettings {
        @Override
        public String name() {
            return "squadlet";
        }

        @Override
        public String revision() {
            return "main";
        }
    }
}
