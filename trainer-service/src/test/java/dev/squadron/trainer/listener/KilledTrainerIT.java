package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.local.LocalStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trainer killed with SIGKILL at random moments ends with the same bytes as one that nobody disturbs. */
class KilledTrainerIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private static Path directory;

    private static LocalStack stack;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        try (TrainerFixture fixture = new TrainerFixture(stack.settings(), directory, TrainerFixture.DEMO_MODEL)) {
            fixture.write("harbour", 4, false);
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "head | 12 | {epochs: 3, batch_size: 2, seed: 7, early_stopping: {patience: 2}}",
                "lora | 4 | {tune: lora, lora: {rank: 2, dropout: 0.1}, steps: 6, dropout: 0.1, seed: 7}",
                "full | 4 | {tune: full, steps: 3, batch_size: 2, dropout: 0.1, seed: 7}"
            })
    void endsWithTheSameBytes(String tune, int kills, String recipe) throws Exception {
        Child first = new Child(tune + "-undisturbed", recipe);
        long begun = first.ready();
        String undisturbed = first.checkpoint();
        long usual = System.nanoTime() - begun;
        long seed = new Random().nextLong();
        Random random = new Random(seed);

        int killed = 0;
        for (int i = 0; i < kills; i++) {
            Child child = new Child(tune + "-killed", recipe);
            if (child.killAfter(Duration.ofNanos((long) (random.nextDouble() * usual / 4)))) {
                killed++;
            }
        }

        assertThat(new Child(tune + "-killed", recipe).checkpoint())
                .as("after %d kills with seed %d", killed, seed)
                .isEqualTo(undisturbed);
        assertThat(killed).as("kills that came before the end").isPositive();
    }

    /** A process that trains. */
    private static final class Child {
        private final Process process;
        private final BufferedReader output;

        Child(String run, String recipe) throws Exception {
            RunEvent event = new RunEvent(
                    run,
                    "harbour",
                    "squadlet",
                    Recipe.read(recipe.getBytes(StandardCharsets.UTF_8), "the recipe"),
                    RunEvent.State.RUNNING,
                    null,
                    null,
                    Instant.now());
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
                    directory.resolve("child").toString(),
                    new String(ContractJson.write(event), StandardCharsets.UTF_8)));
            stack.settings().forEach((name, value) -> command.addAll(List.of(name, value)));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader(StandardCharsets.UTF_8);
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
