package dev.squadron.cli.command;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Counts;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.contracts.run.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a data set into a running stack. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = "Take a data set into the running stack: a file, a URL, or a data set of the Hugging Face hub.",
        footer = {
            "",
            "Examples:",
            "  squadron ingest squad",
            "  squadron ingest train.json --validation dev.json --dataset squad-local",
            "  squadron ingest records.jsonl --dataset support",
            "  squadron ingest train.json --validation dev.json --dataset more --augment samples/recipes/augmented.yaml"
        })
public final class IngestCommand implements Callable<Integer> {
    @Parameters(
            description = "A SQuAD file (.json), JSON Lines (.jsonl), a URL, or squad, squad_v2, ORG/NAME of the hub.")
    private String source;

    @Option(names = "--validation", description = "Another source, for the validation split.")
    private String validation;

    @Option(names = "--dataset", description = "What to call the data set. Default: the source's own name.")
    private String dataset;

    @Option(
            names = "--split",
            description = "The split of the first source: train or validation. Default: what it says, else train.")
    private String split;

    @Option(names = "--format", description = "squad, jsonl or parquet. Default: by the ending of the name.")
    private String format;

    @Option(
            names = "--augment",
            description =
                    "A recipe, in YAML or JSON, whose augmentation and seed say what is made of the training records besides.")
    private String augment;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        String name = dataset == null ? nameOf(source) : dataset;
        List<Input> inputs = new ArrayList<>(List.of(new Input(source, split, format)));
        if (validation != null) {
            inputs.add(new Input(validation, "validation", null));
        }
        Counts counts = new Pipeline(Home.find(), console).ingest(name, inputs, augmenting());
        if (output.isJson()) {
            console.json(counts);
        } else {
            tell(console, name, counts);
        }
        return 0;
    }

    /** Returns the recipe to augment by; null: there is none. */
    private Recipe augmenting() {
        if (augment == null) {
            return null;
        }
        Recipe recipe = RecipeFile.read(augment);
        if (recipe.augmentation() == null) {
            throw new CliException("The recipe " + augment + " has no augmentation; add one, or leave --augment out.");
        }
        return recipe;
    }

    static void tell(Console console, String name, Counts counts) {
        console.say(
                "  %s: %d records ingested = %d tokenized + %d rejected   (%d augmented, %d refused at the door, %d offsets mended)",
                name,
                counts.ingested(),
                counts.tokenized(),
                counts.rejected(),
                counts.augmented(),
                counts.refused(),
                counts.mended());
        if (counts.ingested() != counts.tokenized() + counts.rejected()) {
            throw new CliException("The counts of " + name + " do not add up; look at `squadron logs tokenizer`.");
        }
    }

    private static String nameOf(String source) {
        String last = source.replaceAll("[?#].*", "").replaceAll("/+$", "").replaceAll(".*/", "");
        String name = last.replaceAll("\\.(json|jsonl|ndjson|parquet)$", "").toLowerCase(Locale.ROOT);
        return name.replaceAll("[^a-z0-9._-]", "-").replaceAll("^[^a-z0-9]+", "");
    }
}
