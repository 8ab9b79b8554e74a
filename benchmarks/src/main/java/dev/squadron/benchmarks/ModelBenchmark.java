package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Encoder and generation on random weights: inputs of about 200 tokens, 16 forced new tokens. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = "Encoder, greedy and beam search of a model of Flan-T5's shapes.")
final class ModelBenchmark implements Callable<Integer> {
    private static final int NEW_TOKENS = 16;

    @Option(
            names = "--shapes",
            defaultValue = "SMALL",
            description = "SMALL, BASE or LARGE. Default: ${DEFAULT-VALUE}.")
    private RandomModel shapes;

    @Option(names = "--model", description = "A model's directory instead.")
    private Path directory;

    @Option(names = "--batches", defaultValue = "4", description = "Batches a measurement. Default: ${DEFAULT-VALUE}.")
    private int batches;

    @Option(names = "--repeats", defaultValue = "3", description = "Measurements; the best and the median are told.")
    private int repeats;

    @Option(
            names = "--tasks",
            split = ",",
            defaultValue = "encoder,greedy,latency,beam",
            description = "What to measure.")
    private List<String> tasks;

    private Seq2SeqModel model;

    @Override
    public Integer call() throws Exception {
        Path at = directory == null
                ? shapes.write(Path.of(System.getProperty("java.io.tmpdir"), "squadron-" + shapes))
                : directory;
        Report report = new Report("task", "best", "median");
        try (Seq2SeqModel opened = Seq2SeqModel.load(at, Threads.perCore())) {
            model = opened;
            int lanes = Runtime.getRuntime().availableProcessors();
            if (tasks.contains("encoder")) {
                measure(report, "encoder, batch 8, tokens/s", lanes, inputs(8), this::encode);
            }
            if (tasks.contains("greedy")) {
                measure(report, "greedy, batch 8, questions/s", lanes, inputs(8), batch -> generate(batch, 1));
                measure(report, "greedy, batch 32, questions/s", lanes, inputs(32), batch -> generate(batch, 1));
            }
            if (tasks.contains("latency")) {
                measure(report, "greedy, batch 1, questions/s", 1, inputs(1), batch -> generate(batch, 1));
            }
            if (tasks.contains("beam")) {
                measure(report, "beam 4, batch 8, questions/s", lanes, inputs(8), batch -> generate(batch, 4));
            }
        }
        System.out.println(report);
        return 0;
    }

    private int encode(int[][] batch) {
        model.encoderStates(batch);
        return Arrays.stream(batch).mapToInt(row -> row.length).sum();
    }

    private int generate(int[][] batch, int beams) {
        JsonNode rules = ContractJson.mapper()
                .createObjectNode()
                .put("max_new_tokens", NEW_TOKENS)
                .put("num_beams", beams);
        model.generate(batch, model.pretrainedHead(), GenerationConfig.of(rules));
        return batch.length;
    }

    @FunctionalInterface
    private interface Work {
        /** Returns how much was done. */
        int on(int[][] batch);
    }

    private void measure(Report report, String name, int lanes, List<int[][]> inputs, Work work) throws Exception {
        List<Double> speeds = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(lanes);
        for (int repeat = -1; repeat < repeats; repeat++) {
            long began = System.nanoTime();
            List<Future<Integer>> done = new ArrayList<>();
            for (int[][] batch : inputs) {
                done.add(threads.submit(() -> work.on(batch)));
            }
            int amount = 0;
            for (Future<Integer> each : done) {
                amount += each.get();
            }
            if (repeat >= 0) {
                speeds.add(amount / ((System.nanoTime() - began) / 1e9));
            }
        }
        threads.shutdown();
        speeds.sort(null);
        report.row(name, figure(speeds.get(speeds.size() - 1)), figure(speeds.get(speeds.size() / 2)));
        System.err.println(name + " " + figure(speeds.get(speeds.size() - 1)));
    }

    /** Batches of inputs of 180 to 220 tokens, the same in every run. */
    private List<int[][]> inputs(int rows) {
        List<int[][]> all = new ArrayList<>();
        for (int batch = 0; batch < batches; batch++) {
            int seed = batch;
            all.add(IntStream.range(0, rows)
                    .mapToObj(row -> input(seed * rows + row))
                    .toArray(int[][]::new));
        }
        return all;
    }

    private int[] input(int number) {
        int length = 180 + (number * 7919) % 41;
        int vocabulary = model.config().vocabSize();
        return IntStream.range(0, length)
                .map(i -> i == length - 1 ? 1 : 3 + (number * 104_729 + i * 1_299_709) % (vocabulary - 103))
                .map(Math::abs)
                .toArray();
    }
}
