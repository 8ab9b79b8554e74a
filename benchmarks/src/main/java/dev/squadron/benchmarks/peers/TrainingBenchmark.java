package dev.squadron.benchmarks.peers;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.benchmarks.RandomModel;
import dev.squadron.benchmarks.Report;
import dev.squadron.cli.Home;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The tutorial's recipe by the tutorial's own script, by PyTorch and by Squadron. */
@Command(
        name = "training",
        mixinStandardHelpOptions = true,
        description = {
            "Train the head with the classic recipe: the tutorial's Keras script, PyTorch with dynamic padding, Squadron.",
            "The first time it makes Python environments in benchmarks/peers/.venv, about 8 GB."
        })
public final class TrainingBenchmark implements Callable<Integer> {
    private static final int EPOCHS = 3;
    private static final int INPUT_TOKENS = 512;
    private static final int LABEL_TOKENS = 64;
    private static final int SAMPLE = 64;

    @Option(names = "--shapes", description = "SMALL or BASE: random weights of these shapes. Default: the demo model.")
    private RandomModel shapes;

    @Option(
            names = "--tokenizer",
            description = "A directory with the tokenizer of --shapes. Default: the demo model's.")
    private Path tokenizer;

    @Option(names = "--train", description = "A SQuAD file to learn from. Default: the sample.")
    private Path train;

    @Option(names = "--validation", description = "A SQuAD file to validate on. Default: the sample.")
    private Path validation;

    @Option(names = "--examples", defaultValue = "0", description = "Learn from the first so many. Default: all.")
    private int examples;

    @Option(names = "--validation-examples", defaultValue = "0", description = "Likewise.")
    private int validationExamples;

    @Option(
            names = "--peer-steps",
            defaultValue = "0",
            description = "Let peers make so many steps, and compute the rest of their runs. Default: complete runs.")
    private int peerSteps;

    @Option(names = "--quick", description = "Few examples and few steps, for a look.")
    private boolean quick;

    @Option(names = "--write", description = "Write the tables into docs/performance.md, and the plot.")
    private boolean write;

    private final Home home = Home.find();
    private Path model;

    @Override
    public Integer call() throws Exception {
        if (quick) {
            examples = 64;
            validationExamples = 32;
            peerSteps = 4;
        }
        model = shapes == null
                ? home.demoModel()
                : shapes.write(Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "squadron-" + shapes.name().toLowerCase(Locale.ROOT)));
        tokenizer = tokenizer == null ? home.demoModel() : tokenizer;
        train = train == null ? home.sample("handbook-train.json") : train;
        validation = validation == null ? home.sample("handbook-validation.json") : validation;
        Examples learned;
        Examples validated;
        try (Seq2SeqTokenizer opened = Seq2SeqTokenizer.open(tokenizer)) {
            learned = Examples.read(train, examples, opened);
            validated = Examples.read(validation, validationExamples, opened);
        }
        Yardsticks machine = Yardsticks.measure();
        System.err.println(machine);
        Map<String, PeerTraining> peers = peers();
        Map<Precision, OwnTraining.Run> runs = new EnumMap<>(Precision.class);
        if (Processor.hasBf16()) {
            runs.put(Precision.BF16, own(Precision.BF16, own -> own.run(learned, validated, EPOCHS)));
        }
        own(Precision.FP32, own -> {
            runs.put(Precision.FP32, own.run(learned, validated, EPOCHS));
            compare(peers, runs, learned, validated, machine);
            explain(own, runs, learned, validated, machine);
            return null;
        });
        return 0;
    }

    /** Examples a second of the backbone, and of the whole run, with an idea and those before it. */
    private record Idea(String name, double backbone, double whole) {}

    /** Something that is done with the model. */
    @FunctionalInterface
    private interface Use<T> {
        T with(OwnTraining own) throws Exception;
    }

    private <T> T own(Precision precision, Use<T> use) throws Exception {
        try (Seq2SeqModel opened =
                Seq2SeqModel.load(model, new Execution(precision, Devices.cpu(), Threads.perCore()))) {
            return use.with(new OwnTraining(opened));
        }
    }

    private Map<String, PeerTraining> peers() throws IOException, InterruptedException {
        PythonEnvironment environments = new PythonEnvironment(scripts());
        Map<String, PeerTraining> peers = new LinkedHashMap<>();
        peers.put(
                "the tutorial's script (Keras, padded), fp32",
                peer(environments.python("tutorial"), "tutorial_keras.py"));
        Path pytorch = environments.python("inference");
        peers.put("PyTorch, dynamic padding, fp32", peer(pytorch, "head_pytorch.py", "--precision=fp32"));
        if (Processor.hasBf16()) {
            peers.put("PyTorch, dynamic padding, bf16", peer(pytorch, "head_pytorch.py", "--precision=bf16"));
        }
        return peers;
    }

    private PeerTraining peer(Path python, String script, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                python.toString(),
                scripts().resolve(script).toString(),
                "--model=" + model,
                "--tokenizer=" + tokenizer,
                "--train=" + train,
                "--validation=" + validation,
                "--examples=" + examples,
                "--validation-examples=" + validationExamples,
                "--epochs=" + EPOCHS,
                "--steps=" + peerSteps));
        command.addAll(List.of(more));
        System.err.println("Running " + script + " " + String.join(" ", more));
        return PeerTraining.run(command);
    }

    /** Tells examples a second over the whole run, and the losses. */
    private void compare(
            Map<String, PeerTraining> peers,
            Map<Precision, OwnTraining.Run> runs,
            Examples learned,
            Examples validated,
            Yardsticks machine)
            throws IOException {
        Report report = new Report(
                "who", "examples/s over the whole run", "times the tutorial's", "validation loss before", "after");
        Map<String, String> versions = new TreeMap<>(Map.of("Squadron's TensorFlow", TensorFlow.version()));
        peers.forEach((name, peer) -> peer.versions()
                .forEach((part, version) -> versions.merge(
                        part, version, (one, other) -> one.contains(other) ? one : one + " and " + other)));
        report.note(versions.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", ", "", ".")));
        report.note(machine.toString());
        report.note(learned.size() + " examples to learn from, " + validated.size() + " to validate on, " + EPOCHS
                + " epochs"
                + (peerSteps == 0 ? "." : "; peers made " + peerSteps + " steps, of which the rest is computed."));
        BarChart chart = new BarChart("The tutorial's recipe: examples a second over the whole run");
        double all = (double) EPOCHS * learned.size();
        double tutorial = Double.NaN;
        for (Map.Entry<String, PeerTraining> peer : peers.entrySet()) {
            double rate = all / peer.getValue().seconds(learned.size(), validated.size(), EPOCHS, OwnTraining.BATCH);
            tutorial = Double.isNaN(tutorial) ? rate : tutorial;
            report.row(
                    peer.getKey(),
                    figure(rate),
                    figure(rate / tutorial),
                    loss(peer.getValue().validationLossBefore().orElse(Double.NaN)),
                    loss(peer.getValue().validationLossAfter().orElse(Double.NaN)));
            chart.bar(peer.getKey(), rate, false);
        }
        for (Map.Entry<Precision, OwnTraining.Run> each : runs.entrySet()) {
            OwnTraining.Run run = each.getValue();
            String name = "Squadron, features in " + each.getKey().label();
            double rate = all / run.seconds();
            report.row(name, figure(rate), figure(rate / tutorial), loss(run.lossBefore()), loss(run.lossAfter()));
            chart.bar(name, rate, true);
        }
        publish(report, section());
        if (write) {
            chart.write(home.root().resolve("docs/plots/" + section() + ".svg"));
        }
    }

    /** Tells what each idea brings, and what bounds the run. */
    private void explain(
            OwnTraining own,
            Map<Precision, OwnTraining.Run> runs,
            Examples learned,
            Examples validated,
            Yardsticks machine)
            throws Exception {
        OwnTraining.Run run = runs.get(Precision.FP32);
        int lanes = OwnTraining.LANES;
        Examples sample = learned.first(SAMPLE);
        Examples padded = sample.padded(INPUT_TOKENS, LABEL_TOKENS);
        double step = run.headSeconds() / run.steps();
        double paddedRate = sample.size() / own.forwardSeconds(padded, inOrder(padded.size()), 1);
        double oneLaneRate = sample.size() / own.forwardSeconds(sample, sample.packed(), 1);
        double examplesOnce = learned.size() + validated.size();
        double lanesRate = examplesOnce / run.featureSeconds();
        double updates = run.headSeconds() + run.validationSeconds();
        double everyEpoch = EPOCHS * examplesOnce;
        double all = (double) EPOCHS * learned.size();

        Report parts = new Report("what", "backbone, examples/s", "whole run, examples/s", "factor");
        List<Idea> ideas = new ArrayList<>(List.of(
                new Idea(
                        "padded to " + INPUT_TOKENS + " and " + LABEL_TOKENS + ", one caller, the backbone every epoch",
                        paddedRate,
                        all / (everyEpoch / paddedRate + updates)),
                new Idea("no padding", oneLaneRate, all / (everyEpoch / oneLaneRate + updates)),
                new Idea(lanes + " callers", lanesRate, all / (everyEpoch / lanesRate + updates)),
                new Idea("the backbone once: features are kept", lanesRate, all / run.seconds())));
        Optional.ofNullable(runs.get(Precision.BF16))
                .ifPresent(narrow -> ideas.add(new Idea(
                        "the backbone in bf16", examplesOnce / narrow.featureSeconds(), all / narrow.seconds())));
        double before = Double.NaN;
        for (Idea idea : ideas) {
            parts.row(
                    idea.name(),
                    figure(idea.backbone()),
                    figure(idea.whole()),
                    Double.isNaN(before) ? "" : figure(idea.whole() / before));
            before = idea.whole();
        }
        double flops = learned.flops(own.arithmetic()) + validated.flops(own.arithmetic());
        runs.forEach((precision, each) -> {
            double speed = flops / each.featureSeconds();
            parts.note("Features in " + precision.label() + ": " + figure(speed / 1e9) + " GFLOP/s without padding, "
                    + Math.round(100 * speed / machine.flops(precision.label())) + " % of the yardstick; "
                    + figure(each.featureSeconds()) + " s, " + each.steps() + " updates " + figure(each.headSeconds())
                    + " s, validation loss " + figure(each.validationSeconds()) + " s.");
        });
        parts.note(
                "A head step takes " + figure(1e3 * step) + " ms and moves " + figure(own.bytesOfStep() / 1e6) + " MB: "
                        + figure(own.bytesOfStep() / step / 1e9) + " GB/s, "
                        + Math.round(100 * own.bytesOfStep() / step / machine.copy()) + " % of copying.");
        publish(parts, section() + "-parts");
    }

    private void publish(Report report, String name) throws IOException {
        System.out.println(report + "\n");
        if (write) {
            report.write(home.root().resolve("docs").resolve("performance.md"), name);
        }
    }

    private Path scripts() {
        return home.root().resolve("benchmarks").resolve("peers");
    }

    private String section() {
        return "training-" + (shapes == null ? "demo" : shapes.name().toLowerCase(Locale.ROOT));
    }

    private static String loss(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    private static List<int[]> inOrder(int count) {
        return IntStream.iterate(0, from -> from < count, from -> from + OwnTraining.BATCH)
                .mapToObj(from -> IntStream.range(from, Math.min(from + OwnTraining.BATCH, count))
                        .toArray())
                .toList();
    }
}
