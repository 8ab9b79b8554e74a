package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.SweepClient;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.SweepPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Searches for the best recipe in a running stack. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description =
                "Search for the best recipe on a data set of the running stack; the best trial becomes a checkpoint.",
        footer = {"", "Example:", "  squadron sweep --dataset handbook --plan samples/recipes/sweep.yaml"})
public final class SweepCommand implements Callable<Integer> {
    @Option(
            names = "--dataset",
            required = true,
            description = "The data set to learn from; trials are ranked on its validation split.")
    private String dataset;

    @Option(
            names = "--plan",
            required = true,
            paramLabel = "FILE",
            description = "What to try: YAML or JSON with recipe, search, space, trials, metric, budget.")
    private Path plan;

    @Option(names = "--name", description = "What to call the sweep. Default: the data set and the time.")
    private String name;

    @Option(names = "--model", description = "The model to train. Default: the one that the stack was started with.")
    private String model;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        SweepPlan read = read(plan);
        SweepClient client = new SweepClient(Home.find(), console);
        JsonNode sweep = client.sweep(name, dataset, model, read);
        if (output.isJson()) {
            console.json(sweep);
        } else {
            client.tellRanking(sweep);
            console.say("  checkpoint      %s", sweep.at("/checkpoint/key").asText());
            console.say("  report          %s", client.report(sweep));
        }
        return 0;
    }

    private static SweepPlan read(Path file) {
        try {
            return SweepPlan.read(Files.readAllBytes(file), file.toString());
        } catch (InvalidMessage e) {
            throw new CliException(e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new CliException(
                    "There is no plan " + file + "; samples/recipes/sweep.yaml is one to start from.", e);
        } catch (IOException e) {
            throw new CliException("The plan " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
