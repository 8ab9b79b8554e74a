package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.cli.Home;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.t5.T5Config;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.PositionWeights;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Updates of a head over random features: bytes a second against the machine's own, and heads side by side against one alone. What
 * is compared takes turns, so that other work on the machine meets all alike.
 */
@Command(
        name = "head",
        mixinStandardHelpOptions = true,
        description = "Updates of heads of two shapes: time, memory speed against the machine's, and a sweep of heads.")
final class HeadBenchmark implements Callable<Integer> {
    private static final int PASSES_OF_ADAM = 7;
    private static final int PASSES_OF_SGD = 5;

    @Option(names = "--rounds", defaultValue = "15", description = "Turns of each. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--steps", defaultValue = "4", description = "Updates a turn. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(names = "--positions", defaultValue = "40", description = "Label positions. Default: ${DEFAULT-VALUE}.")
    private int positions;

    @Option(names = "--heads", defaultValue = "10", description = "Heads of a sweep. Default: ${DEFAULT-VALUE}.")
    private int heads;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    private final Report report =
            new Report("head", "update", "ms, best", "ms, median", "MB moved", "GB/s, best", "of the copy");

    @Override
    public Integer call() throws Exception {
        try (MemorySpeed memory = new MemorySpeed()) {
            measure(memory, "Flan-T5-small", 32_128, 512);
            measure(memory, "squadlet", 6_000, 384);
        }
        System.out.println(report);
        if (write) {
            report.write(Home.find().root().resolve("docs").resolve("performance.md"), "head");
        }
        return 0;
    }

    @FunctionalInterface
    private interface Turn {
        void take() throws Exception;
    }

    private void measure(MemorySpeed memory, String name, int vocabSize, int dModel) throws Exception {
        Random random = new Random(1);
        float[] states = gaussian(random, positions * dModel, 1);
        int[] labels = random.ints(positions, 0, vocabSize).toArray();
        float[] weights = PositionWeights.tokens(positions);
        List<HeadTrainer> opened = new ArrayList<>();
        ExecutorService cores =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try (Head initial = Head.of(gaussian(random, vocabSize * dModel, 0.1), vocabSize, dModel)) {
            Map<String, Turn> turns = new LinkedHashMap<>();
            Map<String, Double> bytes = new LinkedHashMap<>();
            double pass = (double) vocabSize * dModel * Float.BYTES;
            Map<String, OptimizerSpec> rules = new LinkedHashMap<>();
            rules.put("Adam", OptimizerSpec.adamKeras());
            rules.put("AdamW, clipped", OptimizerSpec.adamW().withClipNorm(1));
            rules.put("SGD with momentum", OptimizerSpec.sgd(0.9f));
            rules.forEach((rule, spec) -> {
                HeadTrainer trainer = trainer(initial, spec, Threads.perCore());
                opened.add(trainer);
                turns.put(rule, () -> trainer.step(states, labels, weights, 1e-3f));
                bytes.put(rule, pass * (spec.momentum() > 0 ? PASSES_OF_SGD : PASSES_OF_ADAM));
            });
            List<HeadTrainer> sweep = Stream.generate(
                            () -> trainer(initial, OptimizerSpec.adamKeras(), new Threads(1, 1)))
                    .limit(heads)
                    .toList();
            opened.addAll(sweep);
            String side = heads + " heads, Adam";
            turns.put(side, () -> {
                for (Future<StepResult> each : cores.invokeAll(sweep.stream()
                        .<Callable<StepResult>>map(trainer -> () -> trainer.step(states, labels, weights, 1e-3f))
                        .toList())) {
                    each.get();
                }
            });
            bytes.put(side, heads * pass * PASSES_OF_ADAM);
            report(memory, name + ", " + vocabSize + " × " + dModel, turns, bytes);
        } finally {
            cores.shutdown();
            opened.forEach(HeadTrainer::close);
        }
    }

    private void report(MemorySpeed memory, String head, Map<String, Turn> turns, Map<String, Double> bytes)
            throws Exception {
        double copy = 0;
        double triad = 0;
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = -1; round < rounds; round++) {
            copy = Math.max(copy, memory.copy());
            triad = Math.max(triad, memory.triad());
            for (Map.Entry<String, Turn> turn : turns.entrySet()) {
                for (int step = 0; step < steps; step++) {
                    long began = System.nanoTime();
                    turn.getValue().take();
                    if (round >= 0) {
                        seconds.computeIfAbsent(turn.getKey(), key -> new ArrayList<>())
                                .add((System.nanoTime() - began) / 1e9);
                    }
                }
            }
            System.err.println(head + ", round " + round);
        }
        report.row(head, "copy of memory; triad", "", "", "", figure(copy / 1e9) + "; " + figure(triad / 1e9), "");
        for (Map.Entry<String, List<Double>> each : seconds.entrySet()) {
            List<Double> sorted = each.getValue().stream().sorted().toList();
            double moved = bytes.get(each.getKey());
            double best = moved / sorted.get(0);
            report.row(
                    head,
                    each.getKey(),
                    figure(sorted.get(0) * 1e3),
                    figure(sorted.get(sorted.size() / 2) * 1e3),
                    figure(moved / 1e6),
                    figure(best / 1e9),
                    figure(best / copy * 100) + " %");
        }
    }

    private static HeadTrainer trainer(Head initial, OptimizerSpec spec, Threads threads) {
        return new HeadTrainer(config(initial.vocabSize(), initial.dModel()), initial, spec, threads);
    }

    /** A model that has nothing but a head. */
    private static ModelConfig config(int vocabSize, int dModel) {
        return new T5Config("t5", dModel, 64, 1, 1, 1, 1, vocabSize, 32, 128, 1e-6f, true, false, 0, 1, 0);
    }

    private static float[] gaussian(Random random, int count, double deviation) {
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (float) (random.nextGaussian() * deviation);
        }
        return elements;
    }
}
