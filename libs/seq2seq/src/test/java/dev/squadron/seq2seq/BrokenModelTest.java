package dev.squadron.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.safetensors.SafetensorsException;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is broken is refused with words that name file and tensor. */
class BrokenModelTest {
    private static final Path WHOLE = Path.of(System.getProperty("squadron.home"), "samples/golden/flan-t5");
    private static final String QUERY = "decoder.block.0.layer.0.SelfAttention.q.weight";

    @TempDir
    private Path directory;

    @BeforeEach
    void copy() throws IOException {
        for (String file : List.of("config.json", "generation_config.json", "model.safetensors")) {
            Files.copy(WHOLE.resolve(file), directory.resolve(file));
        }
    }

    @Test
    void namesAllMissingTensors() throws IOException {
        rewrite(tensors -> tensors.removeIf(tensor -> tensor.name().contains("DenseReluDense.wo")));

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("encoder.block.0.layer.1.DenseReluDense.wo.weight")
                .hasMessageContaining("decoder.block.0.layer.2.DenseReluDense.wo.weight");
    }

    @Test
    void namesTheTensorOfAnotherShape() throws IOException {
        rewrite(tensors -> {
            tensors.removeIf(tensor -> tensor.name().equals(QUERY));
            tensors.add(SafetensorsWriter.floats(QUERY, List.of(1L, 2L), new float[] {1, 2}));
        });

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(QUERY)
                .hasMessageContaining("has the shape [1, 2]");
    }

    @Test
    void refusesAFileThatIsCutOff() throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve("model.safetensors"));
        Files.write(directory.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 100));

        assertThatThrownBy(this::load)
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining("model.safetensors")
                .hasMessageContaining("cut off");
    }

    @Test
    void refusesAnUnknownArchitectureWithTheKnownOnes() throws IOException {
        Path config = directory.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"model_type\": \"t5\"", "\"model_type\": \"llama\""));

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("“llama”")
                .hasMessageContaining("[bart, mt5, t5]");
    }

    @Test
    void refusesAModelOfPickledWeights() throws IOException {
        Files.delete(directory.resolve("model.safetensors"));

        assertThatThrownBy(this::load).isInstanceOf(ModelException.class).hasMessageContaining("pickled weights");
    }

    @Test
    void refusesAShardThatIsNotBesideItsIndex() throws IOException {
        Files.delete(directory.resolve("model.safetensors"));
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"shared.weight\":\"../../secret.safetensors\"}}");

        assertThatThrownBy(this::load).isInstanceOf(ModelException.class).hasMessageContaining("../../secret");
    }

    @Test
    void refusesIdsOutsideTheVocabularyAndHeadsOfOtherModels() {
        try (Seq2SeqModel model = load();
                Head stranger = Head.of(new float[6], 3, 2)) {
            assertThatThrownBy(() -> model.encoderStates(new int[][] {{1, 999_999}}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("999999");
            assertThatThrownBy(() -> model.generate(new int[][] {{1}}, stranger, GenerationConfig.greedy(4)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("3 × 2");
            assertThat(model.generate(new int[][] {{5, 6, 1}}, model.pretrainedHead(), GenerationConfig.greedy(4)))
                    .hasSize(1);
        }
    }

    private Seq2SeqModel load() {
        return Seq2SeqModel.load(directory, Threads.perCore());
    }

    private void rewrite(Consumer<List<TensorView>> change) throws IOException {
        List<TensorView> tensors = new ArrayList<>(SafetensorsFile.open(WHOLE.resolve("model.safetensors"))
                .tensors()
                .values());
        change.accept(tensors);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, Map.of());
    }
}
