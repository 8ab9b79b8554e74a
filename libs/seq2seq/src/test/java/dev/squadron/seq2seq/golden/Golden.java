package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Hugging Face's own classes gave for a model: a folder of a golden suite. The suite is the one in the repository, or the
 * one that the system property {@code squadron.golden} names.
 *
 * @param folder the model's folder
 * @param json its reference.json
 * @param tensors its reference.safetensors
 */
public record Golden(Path folder, JsonNode json, SafetensorsFile tensors) {

    /** Returns the folder of the suite. */
    public static Path suite() {
        Path suite = Path.of(System.getProperty("squadron.golden"));
        assertThat(suite.resolve("manifest.json"))
                .as("squadron.golden must name the folder of a golden suite")
                .exists();
        return suite;
    }

    /** Returns the models of the suite that have {@code section}. */
    public static Stream<Golden> with(String section) {
        List<Golden> found;
        try (Stream<Path> folders = Files.list(suite())) {
            found = folders.filter(folder -> Files.exists(folder.resolve("reference.json")))
                    .sorted()
                    .map(Golden::open)
                    .filter(golden -> golden.json.has(section) && golden.isKnown())
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot list " + suite(), e);
        }
        assertThat(found).as("models with %s in %s", section, suite()).isNotEmpty();
        return found.stream();
    }

    private static Golden open(Path folder) {
        try {
            return new Golden(
                    folder,
                    new ObjectMapper().readTree(folder.resolve("reference.json").toFile()),
                    SafetensorsFile.open(folder.resolve("reference.safetensors")));
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read the reference in " + folder, e);
        }
    }

    private boolean isKnown() {
        try {
            JsonNode config =
                    new ObjectMapper().readTree(folder.resolve("config.json").toFile());
            return ModelConfig.knownTypes().contains(config.get("model_type").asText());
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read the config in " + folder, e);
        }
    }

    /** Returns the elements of a reference tensor. */
    public float[] floats(String name) {
        return tensors.tensor(name).floats();
    }

    /** Returns a reference tensor. */
    public TensorView tensor(String name) {
        return tensors.tensor(name);
    }

    /** Returns whole numbers. */
    public static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    /** Returns rows of whole numbers. */
    public static int[][] rows(JsonNode array) {
        int[][] rows = new int[array.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = ints(array.get(i));
        }
        return rows;
    }

    /** Returns the largest distance between elements. */
    public static double maxDifference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double max = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            if (Double.isNaN(difference)) {
                return Double.NaN;
            }
            max = Math.max(max, difference);
        }
        return max;
    }

    @Override
    public String toString() {
        return String.valueOf(folder.getFileName());
    }
}
