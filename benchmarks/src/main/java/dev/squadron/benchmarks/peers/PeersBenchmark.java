package dev.squadron.benchmarks.peers;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.benchmarks.RandomModel;
import dev.squadron.benchmarks.Report;
import dev.squadron.cli.Home;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.t5.T5Config;
import dev.squadron.text.prompt.ContextTokens;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Squadron and its peers on the same weights, the same inputs and the same number of new tokens, in turn. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        description = {
            "Squadron beside PyTorch, CTranslate2 and ONNX Runtime: random weights of Flan-T5's shapes, inputs of 200 tokens,"
                    + " 16 new tokens.",
            "The first time it makes a Python environment in benchmarks/peers/.venv, about 6 GB."
        })
public final class PeersBenchmark implements Callable<Integer> {
    private static final String GROUNDED = "grounded";

    @Option(names = "--shapes", defaultValue = "SMALL", description = "SMALL or BASE. Default: ${DEFAULT-VALUE}.")
    private RandomModel shapes;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "encoder,greedy,greedy-32,latency,beam,grounded",
            description = "What to measure. Default: ${DEFAULT-VALUE}.")
    private List<String> only;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "PyTorch,CTranslate2,ONNX Runtime",
            description = "Beside whom; “none” for nobody. Default: ${DEFAULT-VALUE}.")
    private List<String> peers;

    @Option(names = "--rounds", defaultValue = "5", description = "Measurements of each. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--quick", description = "One round, for a look.")
    private boolean quick;

    @Option(names = "--write", description = "Write the tables into docs/performance.md, and the plots.")
    private boolean write;

    private final Home home = Home.find();
    private Path model;
    private Yardsticks machine;
    private Arithmetic arithmetic;
    private Inputs inputs;
    private boolean allAgree = true;

    @Override
    public Integer call() throws Exception {
        model = shapes.write(Path.of(
                System.getProperty("java.io.tmpdir"),
                "squadron-" + shapes.name().toLowerCase(Locale.ROOT)));
        arithmetic = new Arithmetic((T5Config) ModelConfig.read(model));
        try (Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(home.demoModel())) {
            inputs = Inputs.read(home.sample("handbook-train.json"), tokenizer);
        }
        machine = Yardsticks.measure();
        System.err.println(machine);
        List<Engine> engines = new ArrayList<>();
        try {
            OwnEngine own = new OwnEngine(model, Precision.FP32);
            engines.add(own);
            if (Processor.hasBf16()) {
                engines.add(new OwnEngine(model, Precision.BF16));
            }
            if (Processor.hasVnni()) {
                engines.add(new OwnEngine(model, Precision.INT8));
            }
            startPeers(engines);
            for (Part part : Part.values()) {
                if (only.contains(part.option())) {
                    measure(part, engines.stream().filter(part::admits).toList());
                }
            }
            if (only.contains(GROUNDED)) {
                measureGrounded(own);
            }
        } finally {
            engines.forEach(Engine::close);
        }
        if (!allAgree) {
            System.err.println("An engine in fp32 gave other outputs than Squadron in fp32.");
        }
        return allAgree ? 0 : 1;
    }

    private void startPeers(List<Engine> engines) throws IOException, InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, List<String>> precisions = Map.of(
                "PyTorch", Processor.hasBf16() ? List.of("fp32", "bf16") : List.of("fp32"),
                "CTranslate2", List.of("fp32", "int8"),
                "ONNX Runtime", List.of("fp32", "int8"));
        Path scripts = home.root().resolve("benchmarks").resolve("peers");
        for (String name : peers) {
            for (String precision : precisions.getOrDefault(name, List.of())) {
                Path python = new PythonEnvironment(scripts).python("inference");
                for (int workers : workerCounts(cores)) {
                    System.err.println(
                            "Starting " + name + " in " + precision + ", " + workers + " × " + cores / workers);
                    engines.add(new PeerEngine(
                            new PeerEngine.Setup(name, precision, workers, cores / workers), python, scripts, model));
                }
            }
        }
    }

    /** Workers that nothing asked for keeps busy would take memory for nothing. */
    private int[] workerCounts(int cores) {
        boolean keepsSeveralBusy = Arrays.stream(Part.values())
                .filter(part -> only.contains(part.option()))
                .anyMatch(Part::keepsSeveralWorkersBusy);
        return cores > 1 && keepsSeveralBusy ? new int[] {cores, 1} : new int[] {1};
    }

    private void measure(Part part, List<Engine> engines) throws Exception {
        Map<Engine, List<List<Integer>>> outputs = new HashMap<>();
        List<Callable<Double>> contenders = new ArrayList<>();
        for (Engine engine : engines) {
            contenders.add(() -> {
                Part.Outcome outcome = part.run(engine, inputs);
                outputs.put(engine, outcome.outputs());
                System.err.println(part.option() + ": " + label(engine) + " " + figure(outcome.figure()));
                return outcome.figure();
            });
        }
        List<Race.Figures> figures = race().run(contenders);
        List<List<Integer>> reference = outputs.get(engines.get(0));

        Report report = new Report(
                "engine",
                "precision",
                "workers × threads",
                part.unit() + ", median",
                "best",
                "of the limit",
                "same outputs");
        report.note(versions(engines));
        report.note(machine.toString());
        report.note(
                "Arithmetic limit: " + figure(part.limit(arithmetic, machine, "fp32")) + " " + part.unit() + " in fp32"
                        + (Processor.hasBf16()
                                ? ", " + figure(part.limit(arithmetic, machine, "bf16")) + " in bf16."
                                : "; this processor has no bf16."));
        BarChart chart =
                new BarChart(part.title() + ", Flan-T5-" + shapes.name().toLowerCase(Locale.ROOT) + "'s shapes: "
                        + part.unit() + (part.lowerIsBetter() ? " (less is better)" : ""));
        Comparator<Integer> ascending = Comparator.comparing(i -> figures.get(i).median());
        List<Integer> ranking = IntStream.range(0, engines.size())
                .boxed()
                .sorted(part.lowerIsBetter() ? ascending : ascending.reversed())
                .toList();
        for (int i : ranking) {
            Engine engine = engines.get(i);
            double median = figures.get(i).median();
            double limit = part.limit(arithmetic, machine, engine.precision());
            report.row(
                    engine.name(),
                    engine.precision(),
                    engine.workers() + " × " + engine.threads(),
                    figure(median),
                    figure(
                            part.lowerIsBetter()
                                    ? figures.get(i).lowest()
                                    : figures.get(i).highest()),
                    Double.isNaN(limit)
                            ? "–"
                            : Math.round(100 * (part.lowerIsBetter() ? limit / median : median / limit)) + " %",
                    agreement(engine, outputs.get(engine), reference));
            chart.bar(label(engine), median, engine instanceof OwnEngine);
        }
        publish(report, part.option());
        if (write) {
            chart.write(home.root().resolve("docs/plots/" + section(part.option()) + ".svg"));
        }
    }

    /** Tells how many outputs are the reference's; in fp32 all have to be. */
    private String agreement(Engine engine, List<List<Integer>> outputs, List<List<Integer>> reference) {
        if (reference.isEmpty()) {
            return "–";
        }
        outputs.stream().filter(ids -> ids.size() != Part.NEW_TOKENS).findAny().ifPresent(ids -> {
            throw new IllegalStateException(label(engine) + " gave " + ids.size() + " tokens instead of "
                    + Part.NEW_TOKENS + "; its figure means nothing.");
        });
        long same = IntStream.range(0, reference.size())
                .filter(i -> outputs.get(i).equals(reference.get(i)))
                .count();
        allAgree &= !engine.precision().equals("fp32") || same == reference.size();
        return same + " of " + reference.size();
    }

    /** Compares quotations with free greedy search: one question at a time, and as many batches at a time as there are cores. */
    private void measureGrounded(OwnEngine own) throws Exception {
        Report report = new Report("what", "batch", "at a time", "questions/s, median", "best", "tokens an answer");
        measureGrounded(own, report, 1, 1);
        measureGrounded(own, report, 1, own.workers());
        measureGrounded(own, report, 8, own.workers());
        publish(report, GROUNDED);
    }

    private void measureGrounded(OwnEngine own, Report report, int rows, int atATime) throws Exception {
        int count = 32 / rows;
        List<int[][]> batches = inputs.batches(count, rows);
        List<List<ContextTokens>> contexts = inputs.contexts(count, rows);
        double[] tokens = new double[2];
        List<Race.Figures> figures = race().run(List.of(
                () -> speed(
                        tokens,
                        0,
                        together(
                                count,
                                atATime,
                                (from, to) -> own.generate(batches.subList(from, to), 1, Part.NEW_TOKENS))),
                () -> speed(
                        tokens,
                        1,
                        together(
                                count,
                                atATime,
                                (from, to) -> own.quote(
                                        batches.subList(from, to), contexts.subList(from, to), Part.NEW_TOKENS)))));
        for (int i = 0; i < 2; i++) {
            report.row(
                    i == 0 ? "free greedy search" : "quotations, greedy",
                    rows,
                    atATime,
                    figure(figures.get(i).median()),
                    figure(figures.get(i).highest()),
                    figure(tokens[i]));
        }
        report.row(
                "quotations / free",
                rows,
                atATime,
                figure(figures.get(1).median() / figures.get(0).median()),
                "",
                figure(tokens[1] / tokens[0]));
    }

    /** Answers batches one after the other, or all of them by as many workers as there are. */
    private static Callable<List<List<Integer>>> together(
            int batches, int atATime, BiFunction<Integer, Integer, List<List<Integer>>> answer) {
        if (atATime > 1) {
            return () -> answer.apply(0, batches);
        }
        return () -> IntStream.range(0, batches)
                .mapToObj(batch -> answer.apply(batch, batch + 1))
                .flatMap(List::stream)
                .toList();
    }

    private static double speed(double[] tokens, int index, Callable<List<List<Integer>>> work) throws Exception {
        long began = System.nanoTime();
        List<List<Integer>> outputs = work.call();
        double seconds = (System.nanoTime() - began) / 1e9;
        tokens[index] = outputs.stream().mapToInt(List::size).average().orElse(0);
        return outputs.size() / seconds;
    }

    private void publish(Report report, String part) throws IOException {
        System.out.println(part + "\n" + report + "\n");
        if (write) {
            report.write(home.root().resolve("docs").resolve("performance.md"), section(part));
        }
    }

    private String section(String part) {
        return "peers-" + shapes.name().toLowerCase(Locale.ROOT) + "-" + part;
    }

    private Race race() {
        return new Race(quick ? 1 : rounds);
    }

    private static String label(Engine engine) {
        return engine.name() + " " + engine.precision() + ", " + engine.workers() + " × " + engine.threads();
    }

    private static String versions(List<Engine> engines) {
        Map<String, String> all = new TreeMap<>();
        engines.forEach(engine -> all.putAll(engine.versions()));
        return all.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", ", "", "."));
    }
}
