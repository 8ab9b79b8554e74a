package dev.squadron.contracts;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepPlan;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message ever published stays readable, keeps its schema, and is written back in a form that keeps it too. */
class SamplesTest {
    /** Reads a message and gives what it would be written as. */
    private interface Reader {
        Object read(byte[] json) throws InvalidMessage;
    }

    private static final Map<String, Reader> READERS = Map.ofEntries(
            entry("record", json -> QaRecordCodec.read(json).record()),
            entry("seal", Seal::read),
            entry("dataset", json -> ContractJson.read(json, DatasetEvent.class)),
            entry("run", json -> ContractJson.read(json, RunEvent.class)),
            entry("progress", json -> ContractJson.read(json, Progress.class)),
            entry("checkpoint", json -> ContractJson.read(json, CheckpointEvent.class)),
            entry("manifest", Manifest::read),
            entry("sweep", json -> ContractJson.read(json, SweepEvent.class)),
            entry("sweep-plan", json -> SweepPlan.read(json, "plan")),
            entry("recipe", json -> Recipe.read(json, "recipe")));

    static Stream<Path> samples() throws IOException, URISyntaxException {
        Path root = Path.of(Objects.requireNonNull(SamplesTest.class.getResource("/samples"))
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            return all.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void staysReadableAndKeepsItsSchema(Path sample) throws Exception {
        String kind = Objects.requireNonNull(sample.getParent().getFileName()).toString();
        byte[] json = Files.readAllBytes(sample);
        JsonSchema schema = Schemas.named(kind);

        JsonNode written = ContractJson.readTree(
                ContractJson.write(Objects.requireNonNull(READERS.get(kind)).read(json)));

        assertThat(schema.validate(ContractJson.readTree(json))).isEmpty();
        assertThat(schema.validate(written)).isEmpty();
        assertThat(fieldsOf(written)).as("fields that the schema describes").isSubsetOf((Iterable<String>)
                () -> schema.getSchemaNode().get("properties").fieldNames());
    }

    private static List<String> fieldsOf(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
