package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sweeps of heads against single runs, on a stack of its own, once the features are there. What is compared takes turns. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description =
                "One run, a random search and successive halving over features that are there: the whole, and its training.")
final class SweepBenchmark implements Callable<Integer> {
    private static final String DATASET = "benchmark";

    @Option(names = "--rounds", defaultValue = "3", description = "Turns of each. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--trials", defaultValue = "10", description = "Heads of a sweep. Default: ${DEFAULT-VALUE}.")
    private int trials;

    @Option(names = "--epochs", defaultValue = "3", description = "Of each head. Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--train", description = "A SQuAD file to learn from. Default: the sample.")
    private Path train;

    @Option(names = "--validation", description = "A SQuAD file to validate on. Default: the sample.")
    private Path validation;

    @Option(names = "--model", description = "A model's directory. Default: the demo model.")
    private Path model;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    private final ServiceClient client = new ServiceClient();

    /**
     * Seconds that something took.
     *
     * @param whole from the request to the checkpoint
     * @param training of it while heads were trained
     */
    private record Time(double whole, double training) {}

    @Override
    public Integer call() throws Exception {
        Home clone = Home.find();
        Home home = new Home(clone.root(), Files.createTempDirectory("squadron-benchmark"));
        StackProcesses processes = new StackProcesses(home, Console.system(true));
        Map<String, List<Time>> times = new LinkedHashMap<>();
        try {
            processes.up((model == null ? clone.demoModel() : model).toString());
            Path learned = train == null ? clone.sample("handbook-train.json") : train;
            Path asked = validation == null ? clone.sample("handbook-validation.json") : validation;
            var unused = new Pipeline(home, Console.system(true))
                    .ingest(
                            DATASET,
                            List.of(
                                    new Pipeline.Input(learned.toString(), "train", null),
                                    new Pipeline.Input(asked.toString(), "validation", null)));
            String trainer = StackState.read(home).address("trainer");
            Map<String, Object> recipe = Map.of("epochs", epochs);
            Time first = time(trainer + "/v1/runs", Map.of("dataset", DATASET, "recipe", recipe));
            System.err.println("the run that computes the features: " + first);
            for (int round = 0; round < rounds; round++) {
                add(times, "one run", time(trainer + "/v1/runs", Map.of("dataset", DATASET, "recipe", recipe)));
                for (String search : List.of("random", "asha")) {
                    Map<String, Object> plan = Map.of(
                            "recipe",
                            recipe,
                            "search",
                            search,
                            "trials",
                            trials,
                            "seed",
                            round,
                            "space",
                            Map.of("optimizer.learning_rate", Map.of("min", 1e-5, "max", 1e-3, "scale", "log")));
                    add(
                            times,
                            trials + " heads, " + search,
                            time(trainer + "/v1/sweeps", Map.of("dataset", DATASET, "plan", plan)));
                }
            }
        } finally {
            processes.down();
        }
        Report report = new Report("what", "whole, s", "training, s", "whole, in runs", "training, in runs");
        Time one = median(times.get("one run"));
        times.forEach((what, all) -> {
            Time time = median(all);
            report.row(
                    what,
                    figure(time.whole()),
                    figure(time.training()),
                    figure(time.whole() / one.whole()),
                    figure(time.training() / one.training()));
        });
        System.out.println(report);
        if (write) {
            report.write(clone.root().resolve("docs").resolve("performance.md"), "sweep");
        }
        return 0;
    }

    /** Asks for a run or a sweep, and follows it to its end. */
    private Time time(String address, Map<String, Object> request) {
        long began = System.nanoTime();
        JsonNode state = client.post(address, request);
        String name = state.path(address.endsWith("runs") ? "run" : "sweep").asText();
        double training = 0;
        long looked = began;
        while (!List.of("succeeded", "failed").contains(state.path("state").asText())) {
            pause();
            state = client.get(address + "/" + name);
            long now = System.nanoTime();
            if (state.path("stage").asText().equals("training")) {
                training += (now - looked) / 1e9;
            }
            looked = now;
        }
        if (!state.path("state").asText().equals("succeeded")) {
            throw new IllegalStateException(state.toString());
        }
        return new Time((System.nanoTime() - began) / 1e9, training);
    }

    private static void add(Map<String, List<Time>> times, String what, Time time) {
        System.err.println(what + ": " + time);
        times.computeIfAbsent(what, key -> new ArrayList<>()).add(time);
    }

    private static Time median(List<Time> times) {
        return new Time(
                times.stream().mapToDouble(Time::whole).sorted().toArray()[times.size() / 2],
                times.stream().mapToDouble(Time::training).sorted().toArray()[times.size() / 2]);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
