package dev.squadron.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Counts;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.local.StackTopics;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** The main job on Kafka's and MinIO's own images, the ones of the compose file; skipped where there is no Docker. */
class ContainersIT {
    private static final DockerImageName KAFKA = DockerImageName.parse("apache/kafka:4.1.1");
    private static final DockerImageName STORE = DockerImageName.parse("alpine/minio:RELEASE.2025-10-15T17-29-55Z");
    private static final String KEY = "squadron";
    private static final String SECRET = UUID.randomUUID().toString();

    @TempDir
    private Path directory;

    @BeforeEach
    void needsDocker() {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "There is no Docker here: the same job runs without containers in KillIT.");
    }

    @Test
    void theMainJobRunsOnKafkaAndMinioInContainers() throws Exception {
        int port = freePort();
        try (GenericContainer<?> kafka = kafka(port);
                GenericContainer<?> store = store()) {
            kafka.start();
            store.start();
            String endpoint = "http://" + store.getHost() + ":" + store.getMappedPort(9000);
            MinioClient client = MinioClient.builder()
                    .endpoint(endpoint)
                    .credentials(KEY, SECRET)
                    .build();
            client.makeBucket(MakeBucketArgs.builder().bucket("squadron").build());
            client.close();
            StackTopics.create("localhost:" + port, 3);
            Properties settings = new Properties();
            settings.putAll(Map.of(
                    "kafka.bootstrap.servers",
                    "localhost:" + port,
                    "squadron.store.endpoint",
                    endpoint,
                    "squadron.store.bucket",
                    "squadron",
                    "squadron.store.access-key",
                    KEY,
                    "squadron.store.secret-key",
                    SECRET));
            run(settings);
        }
    }

    private void run(Properties settings) throws IOException, InvalidMessage {
        Home home = new Home(Samples.ROOT, directory.resolve("home"));
        StackProcesses processes = new StackProcesses(home, Samples.quiet());
        processes.up(home.demoModel().toString(), settings);
        try {
            Pipeline pipeline = new Pipeline(home, Samples.quiet());

            Counts counts = pipeline.ingest(
                    "handbook",
                    List.of(
                            new Input(
                                    Samples.squad(directory, "handbook-train.json", 40)
                                            .toString(),
                                    "train",
                                    null),
                            new Input(
                                    Samples.squad(directory, "handbook-validation.json", 8)
                                            .toString(),
                                    "validation",
                                    null)));
            JsonNode run = pipeline.train("handbook", null, Recipe.tutorial().with(Map.of("epochs", 1)));

            assertThat(counts.ingested()).isEqualTo(48);
            assertThat(counts.tokenized() + counts.rejected()).isEqualTo(48);
            assertThat(run.path("epochs")).hasSize(1);
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> pipeline.ask(
                            "Who keeps the light?", "Ada keeps the light.")
                    .path("checkpoint")
                    .asText()
                    .equals(run.at("/checkpoint/id").asText()));
        } finally {
            processes.down();
        }
    }

    private static GenericContainer<?> kafka(int port) {
        GenericContainer<?> kafka = new GenericContainer<>(KAFKA)
                .withEnv("CLUSTER_ID", "c3F1YWRyb24tdGVzdHMtMA")
                .withEnv("KAFKA_NODE_ID", "1")
                .withEnv("KAFKA_PROCESS_ROLES", "broker,controller")
                .withEnv("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
                .withEnv("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
                .withEnv("KAFKA_LISTENERS", "INSIDE://:9092,CONTROLLER://:9093,HOST://:9094")
                .withEnv("KAFKA_ADVERTISED_LISTENERS", "INSIDE://localhost:9092,HOST://localhost:" + port)
                .withEnv("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT,HOST:PLAINTEXT")
                .withEnv("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE")
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withExposedPorts(9094)
                .waitingFor(Wait.forListeningPort());
        kafka.setPortBindings(List.of(port + ":9094"));
        return kafka;
    }

    private static GenericContainer<?> store() {
        return new GenericContainer<>(STORE)
                .withExposedPorts(9000)
                .withEnv("MINIO_ROOT_USER", KEY)
                .withEnv("MINIO_ROOT_PASSWORD", SECRET)
                .withCommand("server", "/tmp/data", "--address", ":9000")
                .waitingFor(Wait.forHttp("/minio/health/ready").forPort(9000));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
