package dev.squadron.cli.command;

import dev.squadron.cli.Console;
import dev.squadron.contracts.run.Recipe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows a recipe in full. */
@Command(
        name = "recipe",
        mixinStandardHelpOptions = true,
        description = "Check a recipe, and print it with every default written out.")
public final class RecipeCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PRESET|FILE",
            arity = "0..1",
            defaultValue = "tutorial",
            description = "tutorial, fast, lora, continuous, or a file of YAML or JSON. Default: ${DEFAULT-VALUE}.")
    private String recipe;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        Recipe read = RecipeFile.read(recipe);
        if (output.isJson()) {
            console.json(read);
        } else {
            console.say("%s", read.toYaml().stripTrailing());
        }
        return 0;
    }
}
