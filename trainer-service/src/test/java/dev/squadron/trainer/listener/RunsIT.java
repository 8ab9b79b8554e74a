package dev.squadron.trainer.listener;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.http.EventStreams;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.listener.EventReader.Event;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs over REST, carried out by the service itself over the demo model. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class RunsIT {
    @TestHTTPResource("/v1/runs/")
    URI runs;

    @Inject
    KafkaClients clients;

    @Inject
    RunBook book;

    @BeforeEach
    void untilReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void aRunCanBeFollowedToItsEndAndLookedAtAfterwards() throws Exception {
        train("followed");

        try (EventReader reader = new EventReader(runs.resolve("followed/events"))) {
            List<Event> events = reader.events();
            Event last = events.get(events.size() - 1);
            assertThat(reader.status()).contains("200");
            assertThat(events)
                    .extracting(Event::name)
                    .contains("run", "progress")
                    .endsWith("end");
            assertThat(last.fields()).containsEntry("id", "end");
            assertThat(last.as(RunView.class).state()).isEqualTo(State.SUCCEEDED);
            assertThat(last.as(RunView.class).after()).containsKeys("exact", "f1", "validation_loss");
            assertThat(steps(events))
                    .isNotEmpty()
                    .allMatch(step -> step.loss() > 0
                            && step.learningRate() > 0
                            && step.gradientNorm() > 0
                            && step.examplesPerSecond() > 0
                            && step.tokensPerSecond() > 0);
        }
        try (EventReader again = new EventReader(runs.resolve("followed/events"))) {
            assertThat(again.events()).extracting(Event::name).startsWith("run").endsWith("end");
        }
        try (EventReader seen = new EventReader(runs.resolve("followed/events"), "Last-Event-ID: end\r\n")) {
            assertThat(seen.status()).contains("204");
            assertThat(seen.events()).isEmpty();
        }
        given().get("/v1/runs/followed/report")
                .then()
                .statusCode(200)
                .contentType("text/html;charset=UTF-8")
                .body(containsString("<h1>Run followed</h1>"))
                .body(containsString("aria-label=\"Loss\""))
                .body(containsString("Worst answers"));
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("squadron_runs_ended_total{model_name=\"squadlet\",state=\"succeeded\"} 1.0"))
                .body(containsString("squadron_runs_ended_total{model_name=\"squadlet\",state=\"failed\"} 0.0"))
                .body(containsString("squadron_training_updates_total{model_name=\"squadlet\"} 18.0"))
                .body(containsString("squadron_training_examples_total{model_name=\"squadlet\"} 72.0"))
                .body(containsString("squadron_features_computed_total{model_name=\"squadlet\"} 44.0"))
                .body(containsString("squadron_features_opened_total{model_name=\"squadlet\"} 44.0"))
                .body(containsString(
                        "squadron_feature_shards_gone_bytes_total{from=\"bucket\",model_name=\"squadlet\"} 0.0"));
    }

    @Test
    void aReaderThatDoesNotReadIsDroppedAndToldSo() throws Exception {
        Long last = 60_000L;
        announce("flood");
        try (EventReader slow = new EventReader(runs.resolve("flood/events"));
                KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            assertThat(slow.next().name()).isEqualTo("run");
            for (long step = 1; step <= last; step++) {
                var unused = producer.send(RunLog.message(step("flood", step)));
            }
            producer.flush();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> last.equals(book.view("flood").orElseThrow().step()));

            List<Event> events = slow.events();

            assertThat(events.get(events.size() - 1).name()).isEqualTo(EventStreams.DROPPED);
            assertThat(events).hasSizeLessThan(last.intValue());
        }
        try (EventReader back = new EventReader(runs.resolve("flood/events"))) {
            Event event = back.next();
            while (!event.name().equals("progress")
                    || !last.equals(event.as(Progress.class).step())) {
                event = back.next();
            }
            assertThat(event.as(Progress.class).loss()).isEqualTo(1.5);
        }
        given().get("/q/metrics").then().body(containsString("squadron_num_runs_running{model_name=\"squadlet\"} 1.0"));
        given().delete("/v1/runs/flood").then().statusCode(202);
        given().get("/q/metrics")
                .then()
                .body(containsString("squadron_runs_ended_total{model_name=\"squadlet\",state=\"cancelled\"} 1.0"));
    }

    @Test
    void saysThatThereIsNoSuchRun() {
        given().get("/v1/runs/nowhere/events").then().statusCode(404).body("detail", containsString("no run nowhere"));
        given().get("/v1/runs/nowhere/report").then().statusCode(404).body("status", equalTo(404));
    }

    private static void train(String run) {
        given().contentType(ContentType.JSON)
                .body(Map.of(
                        "run", run, "dataset", StackResource.DATASET, "recipe", Map.of("batch_size", 4, "epochs", 2)))
                .post("/v1/runs")
                .then()
                .statusCode(202);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> given().get("/v1/runs/" + run).statusCode() == 200);
    }

    /** Tells of a run that waits for a data set that never comes. */
    private void announce(String run) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            var unused = producer.send(RunLog.message(TrainerFixture.run(run, "never-sealed")))
                    .get();
        }
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> book.view(run)
                .isPresent());
    }

    private static List<Progress> steps(List<Event> events) throws Exception {
        List<Progress> steps = new ArrayList<>();
        for (Event event : events) {
            if (event.name().equals("progress")) {
                Progress progress = event.as(Progress.class);
                if (progress.stage() == Stage.TRAINING && progress.step() != null && progress.metrics() == null) {
                    steps.add(progress);
                }
            }
        }
        return steps;
    }

    private static Progress step(String run, long step) {
        return new Progress(
                run, Stage.TRAINING, 0.5, 1, step, 60_000L, 1.5, 3e-5, 2.5, 100.0, 500.0, 10.0, null, Instant.now());
    }
}
