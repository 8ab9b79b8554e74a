package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a head in a running stack. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Train a head on a data set of the running stack, and follow the run.")
public final class TrainCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, description = "The data set to learn from.")
    private String dataset;

    @Option(names = "--model", description = "The model to train. Default: the one that the stack was started with.")
    private String model;

    @Option(
            names = "--recipe",
            paramLabel = "PRESET|FILE",
            description = "tutorial, fast, lora, continuous, or a file of YAML or JSON. Default: tutorial, which is"
                    + " head, Adam 3e-5, batch 8, 3 epochs.")
    private String recipe;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        JsonNode run = new Pipeline(Home.find(), console)
                .train(dataset, model, recipe == null ? null : RecipeFile.read(recipe));
        if (output.isJson()) {
            console.json(run);
        } else {
            console.say("  checkpoint      %s", run.at("/checkpoint/key").asText());
        }
        return 0;
    }
}
