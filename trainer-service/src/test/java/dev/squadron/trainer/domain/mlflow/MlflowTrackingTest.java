package dev.squadron.trainer.domain.mlflow;

import static dev.squadron.trainer.domain.ToldRun.end;
import static dev.squadron.trainer.domain.ToldRun.epoch;
import static dev.squadron.trainer.domain.ToldRun.event;
import static dev.squadron.trainer.domain.ToldRun.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class MlflowTrackingTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final RunEvent RUNNING = event(State.RUNNING);

    private final RunBook book = new RunBook();

    @Test
    void logsRecipeMetricsAndEndOfARun() throws IOException {
        try (MlflowStub stub = new MlflowStub(0, null);
                MlflowTracking tracking = tracking(stub.uri(), 1_000, null)) {
            book.on(RUNNING);
            tracking.track(RUNNING);
            tracking.track(RUNNING);
            book.on(end(Stage.BASELINE, Map.of("f1", 20.0)));
            book.on(step(1, 0.75));
            book.on(step(2, Double.NaN));
            book.on(epoch(1, 10, 0.5));
            book.on(end(Stage.VALIDATING, Map.of("f1", 45.0)));
            book.on(RUNNING.to(State.SUCCEEDED, "0123456789abcdef", null, Instant.EPOCH));
            book.on(end(Stage.DONE, Map.of("f1", 45.0)));

            await(() -> "FINISHED".equals(stub.run("told").status));

            MlflowStub.Run run = stub.run("told");
            assertThat(stub.runs()).isEqualTo(1);
            assertThat(run.params)
                    .containsEntry("optimizer.learning_rate", "3.0E-5")
                    .containsEntry("optimizer.type", "adam")
                    .containsEntry("epochs", "3");
            assertThat(run.tags)
                    .containsEntry("squadron.dataset", "handbook")
                    .containsEntry("squadron.checkpoint", "0123456789abcdef")
                    .containsEntry("squadron.state", "succeeded");
            assertThat(run.metrics)
                    .contains("baseline_f1@0=20.0", "loss@1=0.75", "learning_rate@1=3.0E-5", "gradient_norm@1=1.25")
                    .contains("train_loss@10=0.5", "validation_loss@10=0.5", "f1@10=45.0", "tokens_per_second@2=400.0")
                    .noneMatch(metric -> metric.startsWith("loss@2"));
        }
    }

    @Test
    void goesOnInTheSameRunWhereATrainerTakesItUpAgain() throws IOException {
        try (MlflowStub stub = new MlflowStub(0, null)) {
            book.on(RUNNING);
            try (MlflowTracking first = tracking(stub.uri(), 1_000, null)) {
                first.track(RUNNING);
                book.on(step(1, 0.75));
                await(() -> stub.run("told").metrics.contains("loss@1=0.75"));
                first.release(RUNNING);
                book.on(step(2, 0.5));
            }
            assertThat(stub.run("told").metrics).noneMatch(metric -> metric.contains("@2"));

            try (MlflowTracking second = tracking(stub.uri(), 1_000, null)) {
                second.track(RUNNING);
                book.on(RUNNING.to(State.FAILED, null, "out of disk", Instant.EPOCH));
                await(() -> "FAILED".equals(stub.run("told").status));
            }

            assertThat(stub.runs()).isEqualTo(1);
            assertThat(stub.run("told").metrics).contains("loss@1=0.75", "loss@2=0.5");
            assertThat(stub.run("told").tags).containsEntry("squadron.message", "out of disk");
        }
    }

    @Test
    void keepsWhatIsToldWhileTheServerIsAway() throws IOException {
        int port = freePort();
        URI uri = URI.create("http://localhost:" + port + "/mlflow");
        try (MlflowTracking tracking = tracking(uri, 10_000, null)) {
            book.on(RUNNING);
            tracking.track(RUNNING);
            for (long step = 1; step <= 1_000; step++) {
                book.on(step(step, 1.0));
            }
            try (MlflowStub stub = new MlflowStub(port, null)) {
                await(() -> stub.run("told").metrics.contains("loss@1000=1.0"));
                assertThat(stub.run("told").metrics).contains("loss@1=1.0", "loss@500=1.0");
            }
        }
    }

    @Test
    void sendsParametersAgainThatTheServerDidNotTake() throws IOException {
        try (MlflowStub stub = new MlflowStub(0, null);
                MlflowTracking tracking = tracking(stub.uri(), 1_000, null)) {
            stub.failOnce("runs/log-batch");
            book.on(RUNNING);
            tracking.track(RUNNING);
            book.on(step(1, 0.75));

            await(() -> stub.run("told").metrics.contains("loss@1=0.75"));

            assertThat(stub.run("told").params).containsEntry("optimizer.type", "adam");
            assertThat(stub.runs()).isEqualTo(1);
        }
    }

    @Test
    void dropsWhatFindsNoRoomAndLogsWhatComesAfterwards() throws IOException {
        int port = freePort();
        URI uri = URI.create("http://localhost:" + port + "/mlflow");
        try (MlflowTracking tracking = tracking(uri, 10, null)) {
            book.on(RUNNING);
            tracking.track(RUNNING);
            for (long step = 1; step <= 1_000; step++) {
                book.on(step(step, 1.0));
            }
            try (MlflowStub stub = new MlflowStub(port, null)) {
                await(() -> {
                    book.on(step(2_000, 0.5));
                    return stub.run("told") != null && stub.run("told").metrics.contains("loss@2000=0.5");
                });
                assertThat(stub.run("told").metrics).hasSizeLessThan(1_000);
            }
        }
    }

    @Test
    void showsItsTokenToTheServerAndNobodyElse() throws IOException {
        try (MlflowStub stub = new MlflowStub(0, "secret-token");
                MlflowTracking tracking = tracking(stub.uri(), 100, "secret-token")) {
            book.on(RUNNING);
            tracking.track(RUNNING);

            await(() -> stub.run("told") != null);

            assertThat(new MlflowServer(stub.uri(), "e", Optional.of("secret-token")).toString())
                    .contains(stub.uri().toString())
                    .doesNotContain("secret");
        }
    }

    @Test
    void saysWhatATrackingUriIs() {
        for (String wrong : List.of("file:///tmp/mlruns", "mlflow:5000", "http://user:password@host")) {
            assertThatThrownBy(() -> new MlflowServer(URI.create(wrong), "e", Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("squadron.trainer.mlflow.tracking-uri");
        }
    }

    private MlflowTracking tracking(URI uri, int capacity, String token) {
        return new MlflowTracking(
                book,
                new SweepBook(),
                new MlflowClient(new MlflowServer(uri, "squadron", Optional.ofNullable(token))),
                capacity,
                INTERVAL);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreException(NullPointerException.class)
                .until(condition);
    }

    private static int freePort() throws IOException {
        try (MlflowStub stub = new MlflowStub(0, null)) {
            return stub.port();
        }
    }
}
