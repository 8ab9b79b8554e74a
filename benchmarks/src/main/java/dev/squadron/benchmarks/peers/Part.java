package dev.squadron.benchmarks.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is measured; outputs have {@value #NEW_TOKENS} tokens. */
enum Part {
    ENCODER("Encoder, batch 8", "tokens/s", 0, 8, 8),
    GREEDY("Greedy search, batch 8", "questions/s", 1, 8, 4),
    GREEDY_32("Greedy search, batch 32", "questions/s", 1, 32, 2),
    LATENCY("Greedy search, one question at a time", "ms, p50", 1, 1, 8),
    BEAM("Beam search, 4 beams, batch 8", "questions/s", 4, 8, 4);

    static final int NEW_TOKENS = 16;

    private final String title;
    private final String unit;
    private final int beams;
    private final int rows;
    private final int batches;

    /**
     * What one run gave.
     *
     * @param figure in the part's unit
     * @param outputs the ids of each input's output; empty where only the encoder ran
     */
    record Outcome(double figure, List<List<Integer>> outputs) {}

    Part(String title, String unit, int beams, int rows, int batches) {
        this.title = title;
        this.unit = unit;
        this.beams = beams;
        this.rows = rows;
        this.batches = batches;
    }

    /** Returns its name on the command line. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    boolean lowerIsBetter() {
        return this == LATENCY;
    }

    /** Returns whether there is work for several workers at a time. */
    boolean keepsSeveralWorkersBusy() {
        return this != LATENCY;
    }

    /** Returns whether an engine takes part: several workers have no purpose where one is busy, and Squadron's are threads of one process. */
    boolean admits(Engine engine) {
        if (this == ENCODER) {
            return engine.encodes();
        }
        return keepsSeveralWorkersBusy()
                || engine.workers() == 1
                || engine.name().equals(OwnEngine.NAME);
    }

    /** Runs it once. */
    Outcome run(Engine engine, Inputs inputs) {
        List<int[][]> work = inputs.batches(batches, rows);
        if (this == LATENCY) {
            return oneAtATime(engine, work);
        }
        List<List<Integer>> outputs = List.of();
        long began = System.nanoTime();
        if (this == ENCODER) {
            engine.encode(work);
        } else {
            outputs = engine.generate(work, beams, NEW_TOKENS);
        }
        double seconds = seconds(began);
        int amount = batches * rows * (this == ENCODER ? Inputs.TOKENS : 1);
        return new Outcome(amount / seconds, outputs);
    }

    /** Returns the figure that shapes and machine allow at best. */
    double limit(Arithmetic arithmetic, Yardsticks machine, String precision) {
        return switch (this) {
            case ENCODER -> rows * Inputs.TOKENS / arithmetic.encoderSeconds(machine, precision, rows, Inputs.TOKENS);
            case LATENCY -> 1e3 * arithmetic.answerSeconds(machine, precision, 1, 1, Inputs.TOKENS, NEW_TOKENS);
            default -> rows / arithmetic.answerSeconds(machine, precision, rows, beams, Inputs.TOKENS, NEW_TOKENS);
        };
    }

    private Outcome oneAtATime(Engine engine, List<int[][]> questions) {
        double[] milliseconds = new double[questions.size()];
        List<List<Integer>> outputs = new ArrayList<>();
        for (int i = 0; i < milliseconds.length; i++) {
            long began = System.nanoTime();
            outputs.addAll(engine.generate(questions.subList(i, i + 1), beams, NEW_TOKENS));
            milliseconds[i] = 1e3 * seconds(began);
        }
        Arrays.sort(milliseconds);
        return new Outcome(milliseconds[milliseconds.length / 2], outputs);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
