package dev.squadron.trainer.domain.mlflow;

import static dev.squadron.trainer.domain.ToldSweep.CHECKPOINT;
import static dev.squadron.trainer.domain.ToldSweep.epoch;
import static dev.squadron.trainer.domain.ToldSweep.event;
import static dev.squadron.trainer.domain.ToldSweep.loss;
import static dev.squadron.trainer.domain.ToldSweep.trial;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class MlflowSweepTest {
    private static final Trial BEGUN = trial(0, 1e-4, "cosine", TrialState.RUNNING, null, null, null);

    private final SweepBook book = new SweepBook();

    @Test
    void logsASweepAsARunWithItsTrialsUnderIt() throws Exception {
        Trial unbegun = trial(3, 1e-3, "linear", TrialState.STOPPED, null, null, "The budget of 1 s was over.");
        Trial failed = trial(2, 1e-1, "linear", TrialState.FAILED, null, null, "no number");
        Trial stopped = trial(1, 1e-2, "linear", TrialState.STOPPED, 1, loss(3.5), null);
        try (MlflowStub stub = new MlflowStub(0, null);
                MlflowTracking tracking = tracking(stub)) {
            SweepEvent sweep = event(State.RUNNING, null, null);
            book.on(sweep);
            tracking.track(sweep);
            tracking.track(sweep);
            await(() -> stub.sweep("s").params.containsKey("search"));
            book.on(event(State.RUNNING, List.of(BEGUN, stopped, failed, unbegun), null));
            book.on(epoch(0, 1, 2.0));
            book.on(epoch(0, 2, 1.5));
            await(() -> stub.run("s/0").metrics.contains("validation_loss@2=1.5"));
            assertThat(stub.run("s/0").status).isEqualTo("RUNNING");
            Trial best = trial(
                    0,
                    1e-4,
                    "cosine",
                    TrialState.SUCCEEDED,
                    2,
                    Map.of("validation_loss", 1.5, "f1", 50.0, "baseline_f1", 20.0),
                    null);
            book.on(event(State.SUCCEEDED, List.of(best, stopped, failed, unbegun), 0));

            await(() -> stub.sweep("s").status.equals("FINISHED"));

            MlflowStub.Run parent = stub.sweep("s");
            assertThat(parent.params)
                    .containsEntry("search", "random")
                    .containsEntry("metric", "validation_loss")
                    .containsEntry("trials", "4")
                    .containsEntry("space.optimizer.learning_rate.scale", "log")
                    .containsEntry("space.schedule.type", "[\"cosine\",\"linear\"]")
                    .containsEntry("recipe.optimizer.type", "adam");
            assertThat(parent.tags)
                    .containsEntry("squadron.dataset", "d")
                    .containsEntry("squadron.model", "m")
                    .containsEntry("squadron.state", "succeeded")
                    .containsEntry("squadron.best", "0")
                    .containsEntry("squadron.checkpoint", CHECKPOINT);
            assertThat(stub.runs()).isEqualTo(4);
            assertThat(stub.run("s/0").status).isEqualTo("FINISHED");
            assertThat(stub.run("s/0").tags)
                    .containsEntry("mlflow.parentRunId", parent.id)
                    .containsEntry("squadron.dataset", "d")
                    .containsEntry("squadron.state", "succeeded");
            assertThat(stub.run("s/0").params)
                    .containsEntry("optimizer.learning_rate", "1.0E-4")
                    .containsEntry("schedule.type", "cosine")
                    .containsEntry("optimizer.type", "adam");
            assertThat(stub.run("s/0").metrics)
                    .contains("train_loss@1=3.0", "validation_loss@1=2.0", "f1@2=50.0", "baseline_f1@2=20.0");
            assertThat(stub.run("s/1").status).isEqualTo("KILLED");
            assertThat(stub.run("s/1").tags).containsEntry("squadron.state", "stopped");
            assertThat(stub.run("s/1").metrics).containsExactly("validation_loss@1=3.5");
            assertThat(stub.run("s/2").status).isEqualTo("FAILED");
            assertThat(stub.run("s/2").tags).containsEntry("squadron.message", "no number");
            assertThat(stub.run("s/3")).isNull();
        }
    }

    @Test
    void goesOnInTheSameRunsWhereATrainerTakesItUpAgain() throws Exception {
        SweepEvent sweep = event(State.RUNNING, List.of(BEGUN), null);
        book.on(sweep);
        try (MlflowStub stub = new MlflowStub(0, null)) {
            try (MlflowTracking first = tracking(stub)) {
                first.track(sweep);
                book.on(epoch(0, 1, 2.0));
                await(() -> stub.run("s/0").metrics.contains("validation_loss@1=2.0"));
                first.release(sweep);
                for (int epoch = 2; epoch <= 600; epoch++) {
                    book.on(epoch(0, epoch, 2.0 + epoch));
                }
                book.on(event(
                        State.RUNNING,
                        List.of(trial(0, 1e-4, "cosine", TrialState.WAITING, 600, loss(1.25), null)),
                        null));
            }
            assertThat(stub.run("s/0").metrics).doesNotContain("validation_loss@2=4.0");

            try (MlflowTracking second = tracking(stub)) {
                second.track(sweep);
                book.on(sweep.to(State.CANCELLED, "Cancelled over REST", sweep.at()));
                await(() -> stub.sweep("s").status.equals("KILLED"));
            }

            assertThat(stub.runs()).isEqualTo(2);
            assertThat(stub.run("s/0").metrics)
                    .hasSize(1_200)
                    .contains("validation_loss@1=2.0", "validation_loss@2=4.0", "train_loss@600=3.0")
                    .contains("validation_loss@600=1.25");
            assertThat(stub.run("s/0").status).isEqualTo("KILLED");
            assertThat(stub.run("s/0").tags).containsEntry("squadron.state", "cancelled");
            assertThat(stub.sweep("s").tags).containsEntry("squadron.message", "Cancelled over REST");
        }
    }

    @Test
    void whatOneTrialIsRefusedTakesNothingFromTheOthers() throws Exception {
        SweepEvent sweep = event(State.RUNNING, List.of(BEGUN), null);
        Trial other = trial(1, 1e-2, "linear", TrialState.SUCCEEDED, 2, loss(1.5), null);
        book.on(sweep);
        try (MlflowStub stub = new MlflowStub(0, null)) {
            try (MlflowTracking first = tracking(stub)) {
                first.track(sweep);
                await(() -> stub.run("s/0").params.containsKey("batch_size"));
                first.release(sweep);
            }
            try (MlflowTracking second = tracking(stub)) {
                second.track(event("{recipe: {batch_size: 4}, space: {seed: [1]}}", State.RUNNING, null, null));
                book.on(event(State.RUNNING, List.of(BEGUN, other), null));
                await(() -> stub.run("s/1").status.equals("FINISHED"));
            }
            assertThat(stub.run("s/0").params).containsEntry("batch_size", "8");
            assertThat(stub.run("s/1").params).containsEntry("batch_size", "4");
            assertThat(stub.run("s/1").metrics).contains("validation_loss@2=1.5");
        }
    }

    private MlflowTracking tracking(MlflowStub stub) {
        return new MlflowTracking(
                new RunBook(),
                book,
                new MlflowClient(new MlflowServer(stub.uri(), "squadron", Optional.empty())),
                1_000,
                Duration.ofMillis(20));
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreException(NullPointerException.class)
                .until(condition);
    }
}
