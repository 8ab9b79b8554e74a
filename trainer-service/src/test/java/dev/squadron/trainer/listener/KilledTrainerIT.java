package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.Cancellation;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trainer killed with SIGKILL at random moments, in a run, a fold or a sweep, ends with the same bytes as one that nobody disturbs. */
class KilledTrainerIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static CheckpointRef parent;
    private static PartitionRange fresh;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        try (TrainerFixture fixture = new TrainerFixture(stack.settings(), directory)) {
            fixture.write(dataset(TrainerFixture.SMALL_MODEL), 4, false);
        }
        try (TrainerFixture fixture = new TrainerFixture(stack.settings(), directory, TrainerFixture.DEMO_MODEL)) {
            fixture.write(dataset(TrainerFixture.DEMO_MODEL), 4, false);
            parent = fixture.trainer("parent")
                    .train(
                            run(TrainerFixture.DEMO_MODEL, "parent", Recipe.tutorial(), null),
                            new Cancellation(),
                            step -> {})
                    .checkpoint();
            fresh = fixture.append("feedback", 0, fixture.validation.subList(0, 2));
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @ParameterizedTest
    @Execution(CONCURRENT)
    @CsvSource(
            delimiter = '|',
            value = {
                "lora | {tune: lora, lora: {rank: 2, dropout: 0.1}, steps: 60, dropout: 0.1, seed: 7}",
                "full | {tune: full, steps: 60, batch_size: 2, dropout: 0.1, seed: 7}"
            })
    void runOfTheBackboneEndsWithTheSameBytes(String tune, String recipe) throws Exception {
        Recipe read = Recipe.read(recipe.getBytes(UTF_8), "the recipe");
        endsWithTheSameBytes(
                tune,
                3,
                TrainerFixture.SMALL_MODEL,
                TrainerProcess.RUN,
                name -> run(TrainerFixture.SMALL_MODEL, name, read, null));
    }

    @Test
    @Execution(CONCURRENT)
    void runOfTheHeadEndsWithTheSameBytes() throws Exception {
        Recipe recipe = Recipe.read(
                "{epochs: 3, batch_size: 2, seed: 7, early_stopping: {patience: 2}}".getBytes(UTF_8), "the recipe");
        endsWithTheSameBytes(
                "head",
                8,
                TrainerFixture.DEMO_MODEL,
                TrainerProcess.RUN,
                name -> run(TrainerFixture.DEMO_MODEL, name, recipe, null));
    }

    @Test
    @Execution(CONCURRENT)
    void foldEndsWithTheSameBytes() throws Exception {
        Fold fold = new Fold(List.of("feedback"), parent, List.of(fresh), List.of(), 0.75, new Gate(null, null), null);
        endsWithTheSameBytes(
                "fold",
                3,
                TrainerFixture.DEMO_MODEL,
                TrainerProcess.RUN,
                name -> run(TrainerFixture.DEMO_MODEL, name, Recipe.preset("continuous"), fold));
    }

    @Test
    @Execution(CONCURRENT)
    void sweepEndsWithTheSameBytes() throws Exception {
        String plan =
                """
                search: asha
                trials: 4
                recipe: {epochs: 2, batch_size: 2, seed: 7}
                budget: {reduction: 2}
                space: {optimizer.learning_rate: {min: 1e-5, max: 1e-2, scale: log}}
                """;
        Path model = TrainerFixture.DEMO_MODEL;
        endsWithTheSameBytes(
                "sweep",
                3,
                model,
                TrainerProcess.SWEEP,
                name -> TrainerFixture.sweep(
                        name, dataset(model), model.getFileName().toString(), plan));
    }

    /**
     * @param kind {@link TrainerProcess#RUN} or {@link TrainerProcess#SWEEP}
     * @param named gives events of that kind
     */
    private static void endsWithTheSameBytes(String name, int kills, Path model, String kind, Named named)
            throws Exception {
        Child first = new Child(name, model, kind, named.event(name + "-undisturbed"));
        long begun = first.ready();
        String undisturbed = first.checkpoint();
        long usual = System.nanoTime() - begun;
        long seed = new Random().nextLong();
        Random random = new Random(seed);

        int killed = 0;
        Object disturbed = named.event(name + "-killed");
        for (int i = 0; i < kills; i++) {
            if (new Child(name, model, kind, disturbed)
                    .killAfter(Duration.ofNanos((long) (random.nextDouble() * usual / 4)))) {
                killed++;
            }
        }

        assertThat(new Child(name, model, kind, disturbed).checkpoint())
                .as("after %d kills with seed %d", killed, seed)
                .isEqualTo(undisturbed);
        assertThat(killed).as("kills that came before the end").isPositive();
    }

    private static RunEvent run(Path model, String name, Recipe recipe, Fold fold) {
        return new RunEvent(
                name,
                dataset(model),
                model.getFileName().toString(),
                recipe,
                RunEvent.State.RUNNING,
                null,
                null,
                Instant.now(),
                fold);
    }

    /** Gives what it is called an event. */
    @FunctionalInterface
    private interface Named {
        Object event(String name) throws InvalidMessage;
    }

    /** Returns the data set that is tokenized for a model. */
    private static String dataset(Path model) {
        return "harbour-" + model.getFileName();
    }

    /** A process that trains. */
    private static final class Child {
        private final Process process;
        private final BufferedReader output;

        Child(String machine, Path model, String kind, Object event) throws Exception {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                    "-Dsquadron.home=" + TrainerFixture.HOME,
                    "-cp",
                    System.getProperty("java.class.path"),
                    TrainerProcess.class.getName(),
                    directory.resolve(machine).toString(),
                    model.toString(),
                    kind,
                    new String(ContractJson.write(event), UTF_8)));
            stack.settings().forEach((name, value) -> command.addAll(List.of(name, value)));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader(UTF_8);
        }

        /** Returns when the process has loaded the model and begins to train, in nanoseconds. */
        long ready() throws IOException {
            await(TrainerProcess.READY);
            return System.nanoTime();
        }

        /** Kills the process a while after it is ready; returns whether it was still at work. */
        boolean killAfter(Duration time) throws IOException, InterruptedException {
            ready();
            boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
            process.destroyForcibly().waitFor();
            return !ended;
        }

        /** Returns the checkpoint that the process ends with. */
        String checkpoint() throws IOException, InterruptedException {
            String id = await(TrainerProcess.CHECKPOINT).substring(TrainerProcess.CHECKPOINT.length());
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return id;
        }

        private String await(String prefix) throws IOException {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(prefix)) {
                    return line;
                }
            }
            throw new AssertionError("The trainer ended without “" + prefix + "”; its words stand above");
        }
    }
}
