package dev.squadron.contracts.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Spelling;
import dev.squadron.contracts.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/** Recipes to start from; each is a documented YAML file beside the schemas. */
public final class Presets {
    private static final List<String> NAMES = List.of("tutorial", "fast", "lora", "continuous");

    private Presets() {}

    /** Returns the names of all presets. */
    public static List<String> names() {
        return NAMES;
    }

    /** Returns what a preset says. */
    static ObjectNode tree(String name) {
        if (!NAMES.contains(name)) {
            throw new Fault(
                    "preset",
                    "is “" + name + "”; it must be one of " + String.join(", ", NAMES)
                            + Spelling.nearest(name, NAMES)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("."));
        }
        try (InputStream file =
                Objects.requireNonNull(Topics.class.getResourceAsStream("presets/" + name + ".yaml"), name)) {
            return (ObjectNode) SourceText.parse(file.readAllBytes(), name).tree();
        } catch (IOException | InvalidMessage e) {
            throw new IllegalStateException("The preset " + name + " cannot be read", e);
        }
    }
}
