package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.cli.Home;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Loads models of Flan-T5-large's and -xl's shapes, each in a process of its own with a small heap, and lets them answer. */
@Command(
        name = "large",
        mixinStandardHelpOptions = true,
        description = "Time and memory to load a large model and to answer once.")
final class LargeModelBenchmark implements Callable<Integer> {
    private static final String HEAP = "-Xmx512m";
    private static final int INPUT_TOKENS = 200;
    private static final int NEW_TOKENS = 16;
    private static final int EXAMPLES = 8;
    private static final int LABEL_TOKENS = 7;
    private static final int UPDATES = 5;

    @Option(names = "--shapes", split = ",", defaultValue = "LARGE,XL", description = "Default: ${DEFAULT-VALUE}.")
    private List<RandomModel> shapes;

    @Option(
            names = "--precisions",
            split = ",",
            defaultValue = "FP32,BF16,INT8",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Precision> precisions;

    @Option(names = "--load", hidden = true, description = "Loads a model in this process, and prints a row.")
    private Path load;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    @Override
    public Integer call() throws Exception {
        if (load != null) {
            System.out.println(String.join("\t", measure(load, precisions.get(0))));
            return 0;
        }
        Report report = new Report(
                "shapes, weights",
                "precision",
                "file",
                "load",
                "first answer",
                "second answer",
                "resident",
                "of it mapped",
                EXAMPLES + " examples' features",
                "update of the head",
                "most resident");
        for (RandomModel shape : shapes) {
            Path directory = Files.createTempDirectory("squadron-" + shape);
            try {
                shape.write(directory, DType.BF16);
                double gib = gib(Files.size(directory.resolve("model.safetensors")) / 1024.0);
                for (Precision precision : precisions.stream()
                        .filter(each -> each.suited(Devices.cpu()) == each)
                        .toList()) {
                    List<Object> row =
                            new ArrayList<>(List.of(shape + ", bf16", precision.label(), figure(gib) + " GiB"));
                    row.addAll(List.of(child(directory, precision).split("\t")));
                    report.row(row.toArray());
                    System.err.println(row);
                }
            } finally {
                for (String name : List.of("model.safetensors", "config.json")) {
                    Files.deleteIfExists(directory.resolve(name));
                }
                Files.delete(directory);
            }
        }
        report.note("Each in a process with " + HEAP + "; " + INPUT_TOKENS + " tokens in, " + NEW_TOKENS
                + " out, labels of " + LABEL_TOKENS
                + ", one thread. It answers first, and then trains the head with Adam.");
        System.out.println(report);
        if (write) {
            report.write(Home.find().root().resolve("docs").resolve("performance.md"), "large");
        }
        return 0;
    }

    private static String child(Path directory, Precision precision) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                        "-Dsquadron.home=" + System.getProperty("squadron.home"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Benchmarks.class.getName(),
                        "large",
                        "--load",
                        directory.toString(),
                        "--precisions",
                        precision.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("Loading " + directory + " failed; its words stand above");
        }
        return printed.strip();
    }

    private static List<String> measure(Path directory, Precision precision) throws IOException {
        long began = System.nanoTime();
        try (Seq2SeqModel model =
                Seq2SeqModel.load(directory, new Execution(precision, Devices.cpu(), new Threads(1, 1)))) {
            double loaded = seconds(began);
            double first = answer(model);
            double second = answer(model);
            String resident = figure(gib(status("VmRSS"))) + " GiB";
            String mapped = figure(gib(status("RssFile"))) + " GiB";
            long extracting = System.nanoTime();
            DecoderStates states = model.decoderStates(inputs(EXAMPLES, INPUT_TOKENS), inputs(EXAMPLES, LABEL_TOKENS));
            double features = seconds(extracting);
            double update = update(model, states);
            return List.of(
                    figure(loaded) + " s",
                    figure(first) + " s",
                    figure(second) + " s",
                    resident,
                    mapped,
                    figure(features) + " s",
                    figure(1e3 * update) + " ms",
                    figure(gib(status("VmHWM"))) + " GiB");
        }
    }

    /** Returns the seconds of the fastest of a few updates. */
    private static double update(Seq2SeqModel model, DecoderStates states) {
        double best = Double.POSITIVE_INFINITY;
        try (HeadTrainer trainer =
                new HeadTrainer(model.config(), model.pretrainedHead(), OptimizerSpec.adamKeras(), Threads.perCore())) {
            for (int i = 0; i < UPDATES; i++) {
                long began = System.nanoTime();
                trainer.step(states.states(), states.labels(), 3e-5f);
                best = Math.min(best, seconds(began));
            }
        }
        return best;
    }

    private static int[][] inputs(int rows, int tokens) {
        return IntStream.range(0, rows)
                .mapToObj(row -> IntStream.range(0, tokens)
                        .map(i -> i == tokens - 1 ? 1 : 3 + row + i * 131)
                        .toArray())
                .toArray(int[][]::new);
    }

    private static double answer(Seq2SeqModel model) {
        long began = System.nanoTime();
        model.generate(
                inputs(1, INPUT_TOKENS),
                model.pretrainedHead(),
                model.generationConfig().withMaxNewTokens(NEW_TOKENS));
        return seconds(began);
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    /** Returns a number of this process' memory, in KiB. */
    private static double status(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static double gib(double kib) {
        return kib / 1024 / 1024;
    }
}
