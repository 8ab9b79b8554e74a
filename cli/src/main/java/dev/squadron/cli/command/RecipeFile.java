package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.squadron.cli.CliException;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Presets;
import dev.squadron.contracts.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A preset, or a recipe in a file of YAML or JSON, checked before anything is asked for. */
final class RecipeFile {
    private RecipeFile() {}

    /** Returns the recipe with all its defaults. */
    static Recipe read(String presetOrFile) {
        try {
            return Presets.names().contains(presetOrFile)
                    ? Recipe.of(new TextNode(presetOrFile))
                    : Recipe.read(Files.readAllBytes(Path.of(presetOrFile)), presetOrFile);
        } catch (InvalidMessage e) {
            throw new CliException(e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new CliException(
                    "There is no file " + presetOrFile
                            + ", and no preset of that name: name a file of YAML or JSON, or one" + " of "
                            + String.join(", ", Presets.names()) + ".",
                    e);
        } catch (IOException e) {
            throw new CliException("The recipe " + presetOrFile + " cannot be read: " + e.getMessage(), e);
        }
    }
}
