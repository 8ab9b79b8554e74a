package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.CliException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A recipe in a file of JSON, checked before anything is asked for. */
final class RecipeFile {
    private RecipeFile() {}

    static JsonNode read(Path file) {
        try {
            JsonNode recipe = ContractJson.readTree(Files.readAllBytes(file));
            Recipe.of(recipe);
            return recipe;
        } catch (InvalidMessage e) {
            throw new CliException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CliException("The recipe " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
