package dev.squadron.benchmarks;

import dev.squadron.benchmarks.peers.PeersBenchmark;
import dev.squadron.benchmarks.peers.TrainingBenchmark;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All benchmarks, by name. */
@Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        subcommands = {
            PipelineBenchmark.class,
            IngestBenchmark.class,
            ModelBenchmark.class,
            LargeModelBenchmark.class,
            DecodingBenchmark.class,
            HeadBenchmark.class,
            SweepBenchmark.class,
            PeersBenchmark.class,
            TrainingBenchmark.class
        },
        description = "Measures Squadron, and writes the figures into docs/performance.md where --write is given.")
public final class Benchmarks {
    private Benchmarks() {}

    /** Runs the benchmark that the first argument names. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Benchmarks()).execute(arguments));
    }
}
