package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.SealReader;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.contracts.ContractJson;
import dev.squadron.text.squad.SquadQuestion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job on a stack of its own, each hop timed. */
@Command(
        name = "pipeline",
        mixinStandardHelpOptions = true,
        description =
                "Ingest, tokenize, extract features, train, answer: the four services, a real broker, a real store.")
final class PipelineBenchmark implements Callable<Integer> {
    private static final String DATASET = "benchmark";

    @Option(names = "--train", description = "A SQuAD file to learn from. Default: the sample.")
    private Path train;

    @Option(names = "--validation", description = "A SQuAD file to validate on. Default: the sample.")
    private Path validation;

    @Option(names = "--model", description = "A model's directory. Default: the demo model.")
    private Path model;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    private final ServiceClient client = new ServiceClient();

    @Override
    public Integer call() throws Exception {
        Home clone = Home.find();
        Path directory = Files.createTempDirectory("squadron-benchmark");
        Home home = new Home(clone.root(), directory);
        StackProcesses processes = new StackProcesses(home, Console.system(false));
        Report report = new Report("what", "figure");
        try {
            processes.up((model == null ? clone.demoModel() : model).toString());
            List<Path> files = List.of(
                    train == null ? clone.sample("handbook-train.json") : train,
                    validation == null ? clone.sample("handbook-validation.json") : validation);
            List<SquadQuestion> questions = SquadQuestions.read(files.get(1));
            int learned = SquadQuestions.read(files.get(0)).size();
            int records = learned + questions.size();
            ingest(home, files, records, report);
            train(home, "first", learned, records, report);
            train(home, "second", learned, records, report);
            answer(home, questions, 1, report);
            answer(home, questions, 8, report);
        } finally {
            processes.down();
        }
        System.out.println(report);
        if (write) {
            report.write(clone.root().resolve("docs").resolve("performance.md"), "pipeline");
        }
        return 0;
    }

    private void ingest(Home home, List<Path> files, int records, Report report) {
        String address = StackState.read(home).address("ingest");
        ObjectNode request = ContractJson.mapper().createObjectNode().put("name", DATASET);
        ArrayNode sources = request.putArray("sources");
        for (int i = 0; i < files.size(); i++) {
            sources.addObject()
                    .put(
                            "source",
                            client.put(address + "/v1/uploads", files.get(i))
                                    .path("source")
                                    .asText())
                    .put("format", "squad")
                    .put("split", i == 0 ? "train" : "validation");
        }
        long began = System.nanoTime();
        client.post(address + "/v1/datasets", request);
        while (client.get(address + "/v1/datasets/" + DATASET)
                .path("state")
                .asText()
                .equals("ingesting")) {
            pause(10);
        }
        double ingested = seconds(began);
        SealReader.of(home).await(DATASET, Duration.ofMinutes(30), partitions -> {});
        report.row("ingest " + records + " records", figure(records / ingested) + " records/s");
        report.row("ingest and tokenize them, to the last seal", figure(records / seconds(began)) + " records/s");
    }

    /** Times the stages of a run: the second finds the features of the first. */
    private void train(Home home, String name, int learned, int records, Report report) {
        String address = StackState.read(home).address("trainer") + "/v1/runs";
        long began = System.nanoTime();
        client.post(address, Map.of("run", name, "dataset", DATASET, "recipe", Map.of("epochs", 3)));
        Map<String, Double> stages = new HashMap<>();
        long since = began;
        String stage = "waiting";
        JsonNode run;
        do {
            pause(20);
            run = client.get(address + "/" + name);
            String now = run.path("stage").asText();
            if (!now.equals(stage)) {
                stages.merge(stage, seconds(since), Double::sum);
                since = System.nanoTime();
                stage = now;
            }
        } while (!List.of("succeeded", "failed").contains(run.path("state").asText()));
        if (!run.path("state").asText().equals("succeeded")) {
            throw new IllegalStateException(run.toString());
        }
        if (name.equals("first")) {
            report.row(
                    "features of " + records + " examples",
                    figure(records / stages.getOrDefault("extracting", 0.0)) + " examples/s");
        }
        report.row(
                name + " run: time to its first update",
                figure(stages.getOrDefault("waiting", 0.0)
                                + stages.getOrDefault("extracting", 0.0)
                                + stages.getOrDefault("baseline", 0.0))
                        + " s, of it " + figure(stages.getOrDefault("baseline", 0.0)) + " s for the baseline");
        report.row(
                name + " run: head, 3 epochs with validation loss",
                figure(3 * learned / stages.getOrDefault("training", Double.NaN)) + " examples/s");
        report.row(
                name + " run: exact match, F1 before → after, whole time",
                figure(run.at("/before/exact").asDouble()) + ", "
                        + figure(run.at("/before/f1").asDouble()) + " → "
                        + figure(run.at("/after/exact").asDouble()) + ", "
                        + figure(run.at("/after/f1").asDouble()) + ", " + figure(seconds(began)) + " s");
    }

    private void answer(Home home, List<SquadQuestion> questions, int clients, Report report) throws Exception {
        Pipeline pipeline = new Pipeline(home, Console.system(false));
        List<SquadQuestion> asked = questions.subList(0, Math.min(questions.size(), 50 * clients));
        asked.subList(0, Math.min(16, asked.size())).forEach(each -> pipeline.ask(each.question(), each.context()));
        double[] milliseconds = new double[asked.size()];
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        long began = System.nanoTime();
        List<Future<?>> answers = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            int index = i;
            SquadQuestion question = asked.get(i);
            answers.add(threads.submit(() -> {
                long start = System.nanoTime();
                pipeline.ask(question.question(), question.context());
                milliseconds[index] = seconds(start) * 1e3;
            }));
        }
        for (Future<?> each : answers) {
            each.get();
        }
        double whole = seconds(began);
        threads.shutdown();
        Arrays.sort(milliseconds);
        report.row(
                "answers over REST, " + clients + (clients == 1 ? " client" : " clients"),
                figure(asked.size() / whole) + " questions/s, p50 " + figure(milliseconds[asked.size() / 2])
                        + " ms, p95 " + figure(milliseconds[asked.size() * 95 / 100]) + " ms");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
