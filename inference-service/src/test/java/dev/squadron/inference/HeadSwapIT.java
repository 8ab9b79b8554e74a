package dev.squadron.inference;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.inference.domain.CheckpointHeads;
import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.LiveHead;
import dev.squadron.inference.domain.ServingObserver;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.text.hub.ModelDirectory;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Heads come through the topic and the bucket while the service answers. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class HeadSwapIT {
    private static final Map<String, String> QUESTION = Map.of(
            "question", "Who is the captain?",
            "context", "The ferry leaves the harbour at noon. Anna Berg is its captain.");

    @Inject
    TestCheckpoints checkpoints;

    @Inject
    KafkaClients clients;

    @Inject
    CheckpointHeads heads;

    @Inject
    ServingObserver observer;

    @Inject
    ModelSettings model;

    @Inject
    ObjectStore store;

    @Test
    void swapsUnderLoadWithoutAFailedRequest() throws Exception {
        CheckpointRef first = checkpoints.write(0.9f);
        CheckpointRef second = checkpoints.write(0.8f);
        CheckpointRef third = checkpoints.write(0.7f);
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService clientsAtWork = Executors.newFixedThreadPool(4);
        List<Future<List<Response>>> asking = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            asking.add(clientsAtWork.submit(() -> askUntil(enough)));
        }

        promoteAndAwait(first, null);
        promoteAndAwait(second, first);
        promoteAndAwait(third, second);
        enough.set(true);
        Set<String> seen = new LinkedHashSet<>();
        for (Future<List<Response>> replies : asking) {
            for (Response reply : replies.get(30, TimeUnit.SECONDS)) {
                JsonPath body = reply.jsonPath();
                assertThat(reply.statusCode()).isEqualTo(200);
                assertThat(body.getString("answer")).isEqualTo("Anna Berg");
                assertThat(reply.header("Squadron-Checkpoint"))
                        .isEqualTo(Optional.ofNullable(body.getString("checkpoint"))
                                .orElse("pretrained"));
                seen.add(body.getString("checkpoint"));
            }
        }
        clientsAtWork.shutdown();

        assertThat(seen).contains(first.id(), second.id(), third.id());
    }

    @Test
    void refusesBadCheckpointsAndKeepsTheGoodOne() throws Exception {
        CheckpointRef good = checkpoints.write(0.6f);
        promoteAndAwait(good, null);

        CheckpointRef corrupt = checkpoints.write(0.5f);
        checkpoints.overwrite(
                corrupt.manifestKey().replace("squadron.json", CheckpointStore.HEAD), new byte[] {1, 2, 3});
        CheckpointRef otherManifest = checkpoints.write(0.4f);
        checkpoints.overwrite(otherManifest.manifestKey(), "{}".getBytes(UTF_8));
        CheckpointRef small = checkpoints.write(new float[40], 10, baseSha256(good));
        CheckpointRef foreign = checkpoints.write(new float[44], 11, "f".repeat(64));
        CheckpointRef missing = new CheckpointRef("0123456789abcdef", "checkpoints/no/squadron.json", "0".repeat(64));

        assertRefused(corrupt, good, "is corrupt");
        assertRefused(otherManifest, good, "is not the one that was announced");
        assertRefused(small, good, "10 × 4");
        assertRefused(foreign, good, "belongs to the weights ffff");
        assertRefused(missing, good, "is missing");
        assertThat(given().contentType(ContentType.JSON)
                        .body(QUESTION)
                        .post("/v1/answers")
                        .header("Squadron-Checkpoint"))
                .isEqualTo(good.id());
    }

    @Test
    void rollsBackByEvent() throws Exception {
        CheckpointRef first = checkpoints.write(0.95f);
        CheckpointRef second = checkpoints.write(0.85f);
        promoteAndAwait(first, null);
        promoteAndAwait(second, first);

        Response reply = given().post("/v1/model/rollback");

        assertThat(reply.statusCode()).isEqualTo(202);
        assertThat(reply.jsonPath().getString("type")).isEqualTo("rolled_back");
        awaitLive(first);
        assertThat(given().get("/v1/model").jsonPath().getString("previous")).isEqualTo(second.id());
    }

    @Test
    void promotesAdaptersAndWholeModelsThatWereImported() throws Exception {
        CheckpointRef head = checkpoints.write(1.0f);
        promoteAndAwait(head, null);
        String answer = answer();
        CheckpointRef adapter = checkpoints.writeAdapter();
        CheckpointRef whole = checkpoints.writeModel(Path.of(model.name()));

        promoteOverRest(adapter);
        promoteOverRest(whole);

        assertThat(answer()).isEqualTo(answer);
        assertThat(given().get("/v1/model").jsonPath().getString("previous")).isEqualTo(adapter.id());
    }

    @Test
    void refusesToPromoteWhatIsNotThere() {
        assertThat(promotion("0123456789abcdef").statusCode()).isEqualTo(404);
        assertThat(promotion("../../etc/passwd").statusCode()).isEqualTo(422);
    }

    @Test
    void aNewInstanceFindsTheLiveHead() throws Exception {
        CheckpointRef live = checkpoints.write(0.75f);
        promoteAndAwait(live, null);

        LiveHead fresh = new LiveHead(heads.load(Optional.empty()));
        HeadSwap swap = new HeadSwap(
                ModelDirectory.nameOf(model.name()), fresh, heads, observer, state -> {}, Clock.systemUTC());
        try (TopicFollower follower = TopicFollower.start(
                clients,
                Topics.CHECKPOINTS,
                message -> swap.on(ContractJson.read(message.value(), CheckpointEvent.class)))) {
            follower.caughtUp().get(10, TimeUnit.SECONDS);
            swap.caughtUp();
            swap.settled().get(10, TimeUnit.SECONDS);

            assertThat(fresh.current().checkpoint()).contains(live);
        } finally {
            swap.close();
            fresh.close();
        }
    }

    private static void promoteOverRest(CheckpointRef checkpoint) {
        Response reply = promotion(checkpoint.id());
        assertThat(reply.statusCode()).isEqualTo(202);
        assertThat(reply.jsonPath().getString("live.id")).isEqualTo(checkpoint.id());
        awaitLive(checkpoint);
    }

    private static Response promotion(String checkpoint) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("checkpoint", checkpoint))
                .post("/v1/model/promotion");
    }

    private static String answer() {
        return given().contentType(ContentType.JSON)
                .body(QUESTION)
                .post("/v1/answers")
                .jsonPath()
                .getString("answer");
    }

    private List<Response> askUntil(AtomicBoolean enough) {
        List<Response> replies = new ArrayList<>();
        while (!enough.get()) {
            replies.add(given().contentType(ContentType.JSON).body(QUESTION).post("/v1/answers"));
        }
        return replies;
    }

    private void promoteAndAwait(CheckpointRef live, CheckpointRef previous) throws Exception {
        checkpoints.promote(live, previous);
        awaitLive(live);
    }

    /** Waits until an answer names the checkpoint. */
    private static void awaitLive(CheckpointRef live) {
        await().atMost(Duration.ofSeconds(30)).until(() -> live.id()
                .equals(given().contentType(ContentType.JSON)
                        .body(QUESTION)
                        .post("/v1/answers")
                        .header("Squadron-Checkpoint")));
    }

    private void assertRefused(CheckpointRef bad, CheckpointRef good, String reason) throws Exception {
        checkpoints.promote(bad, good);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> bad.id().equals(given().get("/v1/model").jsonPath().getString("refused[0].checkpoint")));
        JsonPath state = given().get("/v1/model").jsonPath();
        assertThat(state.getString("refused[0].reason")).contains(reason);
        assertThat(state.getString("checkpoint")).isEqualTo(good.id());
        assertThat(state.getString("pending")).isEqualTo(bad.id());
    }

    private String baseSha256(CheckpointRef checkpoint) throws Exception {
        return Manifest.read(store.read(checkpoint.manifestKey(), 1 << 20).orElseThrow())
                .base()
                .sha256();
    }
}
