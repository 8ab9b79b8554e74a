package dev.squadron.seq2seq.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path scratch;

    static Stream<Golden> models() {
        return Golden.with("training");
    }

    @ParameterizedTest
    @MethodSource("models")
    void anUntrainedModelIsWrittenAsTransformersDoes(Golden golden) throws IOException {
        Path to = scratch.resolve("model");
        WeightFiles weights = WeightFiles.open(golden.folder());
        try (Head head = ModelConfig.read(golden.folder()).pretrainedHead(weights)) {
            ModelExport.fp32(golden.folder(), weights, head).write(to);
        }

        SafetensorsFile theirs = SafetensorsFile.open(golden.folder().resolve("model.safetensors"));
        SafetensorsFile ours = SafetensorsFile.open(to.resolve("model.safetensors"));
        assertThat(ours.tensors()).isEqualTo(theirs.tensors());
        assertThat(ours.metadata()).isEqualTo(theirs.metadata());
        assertThat(json(to, "config.json")).isEqualTo(json(golden.folder(), "config.json"));
        Set<String> kept = names(golden.folder());
        kept.removeIf(name -> name.startsWith("reference."));
        assertThat(names(to)).isEqualTo(kept);
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTrainedHeadIsUntied(Golden golden) throws IOException {
        Path first = scratch.resolve("first");
        Path second = scratch.resolve("second");
        ModelConfig config = ModelConfig.read(golden.folder());
        WeightFiles weights = WeightFiles.open(golden.folder());
        float[] trained;
        try (Head pretrained = config.pretrainedHead(weights)) {
            trained = pretrained.toArray();
            trained[5] += 0.25f;
            try (Head head = Head.of(trained, pretrained.biasArray(), config.vocabSize(), config.dModel())) {
                ModelExport.fp32(golden.folder(), weights, head).write(first);
            }
        }

        ObjectNode expected = json(golden.folder(), "config.json").deepCopy();
        expected.put("tie_word_embeddings", false);
        assertThat(json(first, "config.json")).isEqualTo(expected);
        ModelConfig untied = ModelConfig.read(first);
        WeightFiles again = WeightFiles.open(first);
        try (Head head = untied.pretrainedHead(again)) {
            float[] read = head.toArray();
            for (int i = 0; i < trained.length; i++) {
                assertThat(read[i] * untied.headScale()).isEqualTo(trained[i] * config.headScale());
            }
            ModelExport.fp32(first, again, head).write(second);
        }
        for (String name : names(first)) {
            assertThat(second.resolve(name)).hasSameBinaryContentAs(first.resolve(name));
        }
        SafetensorsFile file = SafetensorsFile.open(first.resolve("model.safetensors"));
        config.embeddingCopies().forEach(name -> assertThat(file.tensor(name).data())
                .isEqualTo(file.tensor(config.embedding()).data()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flan-t5", "bart"})
    void largeModelsAreShardedAndOthersRounded(String model) throws IOException {
        Path base = Golden.suite().resolve(model);
        Path to = scratch.resolve("sharded");
        ModelConfig config = ModelConfig.read(base);
        WeightFiles weights = WeightFiles.open(base);
        try (Head head = config.pretrainedHead(weights)) {
            new ModelExport(base, weights, head, DType.BF16, 50_000).write(to);
        }

        assertThat(json(to, "config.json").get("dtype").asText()).isEqualTo("bfloat16");
        JsonNode index = json(to, "model.safetensors.index.json");
        Set<String> shards = new TreeSet<>();
        index.get("weight_map").forEach(name -> shards.add(name.asText()));
        assertThat(shards)
                .hasSizeGreaterThan(2)
                .contains(String.format(Locale.ROOT, "model-00001-of-%05d.safetensors", shards.size()));
        TreeMap<String, TensorView> tensors = new TreeMap<>();
        for (String shard : shards) {
            tensors.putAll(SafetensorsFile.open(to.resolve(shard)).tensors());
        }
        SafetensorsFile whole = SafetensorsFile.open(base.resolve("model.safetensors"));
        assertThat(tensors.keySet()).isEqualTo(whole.tensors().keySet());
        tensors.forEach((name, tensor) -> {
            assertThat(tensor.dtype()).isEqualTo(DType.BF16);
            float[] rounded = tensor.floats();
            float[] exact = whole.tensor(name).floats();
            for (int i = 0; i < exact.length; i++) {
                assertThat(Math.abs(rounded[i] - exact[i])).isLessThanOrEqualTo(Math.abs(exact[i]) * 0x1p-8f);
            }
        });
        assertThat(index.at("/metadata/total_size").asLong())
                .isEqualTo(tensors.values().stream()
                        .mapToLong(tensor -> tensor.data().capacity())
                        .sum());
    }

    @ParameterizedTest
    @ValueSource(strings = {"flan-t5"})
    void refusesADirectoryThatIsNotEmpty(String model) throws IOException {
        Path base = Golden.suite().resolve(model);
        Files.writeString(scratch.resolve("something"), "else");
        WeightFiles weights = WeightFiles.open(base);
        try (Head head = ModelConfig.read(base).pretrainedHead(weights)) {
            assertThatThrownBy(() -> ModelExport.fp32(base, weights, head).write(scratch))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("is not empty");
        }
    }

    private static JsonNode json(Path directory, String name) throws IOException {
        return JSON.readTree(directory.resolve(name).toFile());
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new TreeSet<>(files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList());
        }
    }
}
