package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.Trial;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.search.Candidate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps over a real broker and a real S3 server: the best trial is, bit for bit, the run that it would be alone. */
class SweepIT {
    private static final String RATES = "optimizer.learning_rate: {min: 1e-5, max: 1e-2, scale: log}";

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static TrainerFixture fixture;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        fixture = new TrainerFixture(stack.settings(), directory);
        fixture.write("harbour", 4, false);
    }

    @AfterAll
    static void stop() {
        fixture.close();
        stack.close();
    }

    @Test
    void theBestOfARandomSearchIsACheckpointLikeAnyOther() throws Exception {
        SweepEvent sweep = sweep(
                "random",
                """
                trials: 4
                recipe: {epochs: 2, seed: 7, early_stopping: {patience: 1}}
                space: {%s, batch_size: [4, 8]}
                """
                        .formatted(RATES));

        SweepTrainer.Outcome outcome = carryOut(sweep);

        assertThat(outcome.trials()).hasSize(4).allMatch(trial -> trial.state() == TrialState.SUCCEEDED);
        assertThat(loss(outcome.trials().get(outcome.best())))
                .isEqualTo(outcome.trials().stream()
                        .mapToDouble(SweepIT::loss)
                        .min()
                        .orElseThrow());
        Manifest manifest = manifest(outcome);
        assertThat(manifest.run()).isEqualTo("random/" + outcome.best());
        assertThat(manifest.recipe())
                .isEqualTo(Candidate.of(sweep.plan()).get(outcome.best()).recipe());
        assertThat(manifest.metrics()).containsKeys("baseline_f1", "f1", "exact", "train_loss");
        assertThat(outcome.trained().checkpoint().id()).isEqualTo(alone(manifest));
        assertThat(states("random", 4)).isEmpty();
    }

    @Test
    void halvingThatIsStoppedAgainAndAgainEndsAsOneThatIsNot() throws Exception {
        SweepTrainer.Outcome undisturbed = carryOut(halving("undisturbed"));
        assertThat(undisturbed.trials().stream()
                        .collect(Collectors.groupingBy(
                                trial -> trial.state() + " after " + trial.epochs(), Collectors.counting())))
                .isEqualTo(Map.of("STOPPED after 1", 3L, "STOPPED after 2", 2L, "SUCCEEDED after 3", 1L));
        assertThat(undisturbed.trained().checkpoint().id()).isEqualTo(alone(manifest(undisturbed)));

        SweepEvent sweep = halving("disturbed");
        SweepTrainer.Outcome outcome = null;
        int stops = 0;
        while (outcome == null) {
            List<SweepEvent> told = new CopyOnWriteArrayList<>(List.of(sweep));
            try {
                outcome = carryOut(sweep, "machine-" + stops, 6 + 4 * stops, told);
            } catch (Cancelled e) {
                stops++;
                sweep = ContractJson.read(ContractJson.write(told.get(told.size() - 1)), SweepEvent.class);
            }
        }

        assertThat(stops).isPositive();
        assertThat(outcome.trained().checkpoint())
                .isEqualTo(undisturbed.trained().checkpoint());
        assertThat(withoutNames(outcome.trials())).isEqualTo(withoutNames(undisturbed.trials()));
        assertThat(states("disturbed", 6)).isEmpty();
    }

    /** Carries a sweep on until so many changes of its trials have been told. */
    private static SweepTrainer.Outcome carryOut(SweepEvent sweep, String machine, int changes, List<SweepEvent> told) {
        Cancellation stop = new Cancellation();
        return trainer(machine)
                .train(
                        sweep,
                        stop,
                        (trials, best) -> {
                            told.add(sweep.with(trials, best, Instant.now()));
                            if (told.size() > changes) {
                                stop.request();
                            }
                        },
                        step -> {});
    }

    @Test
    void ranksByAnswersAndByOtherTuningsWhereAskedTo() throws Exception {
        SweepTrainer.Outcome outcome = carryOut(
                sweep(
                        "tunings",
                        """
                search: grid
                metric: f1
                recipe: {steps: 1, batch_size: 4, optimizer: {type: sgd, learning_rate: 1}}
                space: {tune: [head, lora]}
                """));

        assertThat(outcome.trials()).hasSize(2).allSatisfy(trial -> assertThat(trial.metrics())
                .containsKey("f1"));
        assertThat(manifest(outcome).kind()).isEqualTo(List.of("head", "lora").get(outcome.best()));
    }

    @Test
    void stopsToBeginTrialsWhenTheBudgetIsOver() throws Exception {
        SweepEvent sweep =
                sweep("slow", "{trials: 60, recipe: {epochs: 1}, budget: {seconds: 1}, space: {%s}}".formatted(RATES));

        SweepTrainer.Outcome outcome = carryOut(sweep);

        assertThat(outcome.trials())
                .anySatisfy(trial -> {
                    assertThat(trial.state()).isEqualTo(TrialState.STOPPED);
                    assertThat(trial.message()).contains("budget of 1 s");
                })
                .anySatisfy(trial -> assertThat(trial.state()).isEqualTo(TrialState.SUCCEEDED));
    }

    private static SweepEvent halving(String name) throws InvalidMessage {
        return sweep(
                name,
                """
                search: asha
                trials: 6
                recipe: {epochs: 3, batch_size: 4, seed: 7, schedule: {type: cosine}}
                budget: {reduction: 2}
                space: {%s}
                """
                        .formatted(RATES));
    }

    private static SweepEvent sweep(String name, String plan) throws InvalidMessage {
        return TrainerFixture.sweep(name, "harbour", TrainerFixture.MODEL, plan);
    }

    private static SweepTrainer.Outcome carryOut(SweepEvent sweep) {
        return trainer(sweep.sweep()).train(sweep, new Cancellation(), (trials, best) -> {}, step -> {});
    }

    private static SweepTrainer trainer(String machine) {
        return new SweepTrainer(fixture.trainer(machine), 2);
    }

    /** Returns the checkpoint of a run of its own with the recipe of another. */
    private static String alone(Manifest manifest) {
        RunEvent run = new RunEvent(
                manifest.run().replace('/', '-'),
                "harbour",
                TrainerFixture.MODEL,
                manifest.recipe(),
                RunEvent.State.RUNNING,
                null,
                null,
                Instant.now());
        return fixture.trainer("alone")
                .train(run, new Cancellation(), step -> {})
                .checkpoint()
                .id();
    }

    private static Manifest manifest(SweepTrainer.Outcome outcome) {
        return new CheckpointStore(fixture.store, directory.resolve("reader"))
                .read(outcome.trained().checkpoint())
                .manifest();
    }

    /** Returns the trials that have a saved state. */
    private static List<String> states(String sweep, int trials) {
        RunStateStore states = new RunStateStore(fixture.store, directory.resolve("states"));
        return IntStream.range(0, trials)
                .mapToObj(trial -> sweep + "/" + trial)
                .filter(trial -> states.latest(trial).isPresent())
                .toList();
    }

    private static List<Trial> withoutNames(List<Trial> trials) {
        return trials.stream()
                .map(trial -> new Trial(
                        trial.number(),
                        trial.values(),
                        trial.state(),
                        trial.epochs(),
                        trial.metrics(),
                        null,
                        trial.message()))
                .toList();
    }

    private static double loss(Trial trial) {
        return trial.metrics().get("validation_loss");
    }
}
