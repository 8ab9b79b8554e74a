package dev.squadron.seq2seq.bart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BartTest {
    private static final Path WHOLE = Path.of(System.getProperty("squadron.home"), "samples/golden/bart");
    private static final int[][] INPUT = {{0, 5, 6, 7, 2}};

    @TempDir
    private Path directory;

    @Test
    void readsFilesOfABareModel() throws IOException {
        Files.copy(WHOLE.resolve("config.json"), directory.resolve("config.json"));
        List<TensorView> bare = new ArrayList<>();
        for (TensorView tensor : SafetensorsFile.open(WHOLE.resolve("model.safetensors"))
                .tensors()
                .values()) {
            String name = tensor.name()
                    .replaceFirst("^model\\.shared", "encoder.embed_tokens")
                    .replaceFirst("^model\\.", "");
            if (!name.equals("final_logits_bias")) {
                bare.add(SafetensorsWriter.floats(name, tensor.shape(), tensor.floats()));
            }
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), bare, Map.of());

        try (Seq2SeqModel whole = Seq2SeqModel.load(WHOLE, Threads.perCore());
                Seq2SeqModel model = Seq2SeqModel.load(directory, Threads.perCore())) {
            assertThat(model.encoderStates(INPUT)).isEqualTo(whole.encoderStates(INPUT));
            assertThat(model.pretrainedHead().toArray())
                    .isEqualTo(whole.pretrainedHead().toArray());
            assertThat(model.pretrainedHead().biasArray().orElseThrow()).containsOnly(0f);
            assertThat(whole.pretrainedHead().biasArray().orElseThrow())
                    .isNotEqualTo(new float[whole.config().vocabSize()]);
        }
    }

    @Test
    void keepsTheBiasWithTheHead() throws IOException {
        Path file = directory.resolve("lm_head.safetensors");
        try (Head head = Head.of(new float[] {1, 2, 3, 4}, Optional.of(new float[] {5, 6}), 2, 2)) {
            head.write(file);
        }

        try (Head read = Head.read(file)) {
            assertThat(read.toArray()).containsExactly(1, 2, 3, 4);
            assertThat(read.biasArray().orElseThrow()).containsExactly(5, 6);
        }
        SafetensorsWriter.write(
                file,
                List.of(
                        SafetensorsWriter.floats("lm_head.weight", List.of(2L, 1L), new float[] {1, 2}),
                        SafetensorsWriter.floats("final_logits_bias", List.of(1L, 3L), new float[] {1, 2, 3})),
                Map.of());
        assertThatThrownBy(() -> Head.read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("[1, 3]")
                .hasMessageContaining("[1, 2]");
    }

    @Test
    void refusesAHeadWithoutABiasAndWhatIsLongerThanItsPositions() {
        try (Seq2SeqModel model = Seq2SeqModel.load(WHOLE, Threads.perCore());
                Head head = Head.of(
                        model.pretrainedHead().toArray(),
                        model.config().vocabSize(),
                        model.config().dModel())) {
            int longest = model.config().maxPositions();
            int[] input = new int[longest + 1];
            Arrays.fill(input, 5);

            assertThatThrownBy(() -> model.generate(INPUT, head, model.generationConfig()))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("no final_logits_bias");
            assertThatThrownBy(() -> model.encoderStates(new int[][] {input}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(longest + " positions");
            assertThat(model.encoderStates(new int[][] {Arrays.copyOf(input, longest)}))
                    .hasSize(longest * model.config().dModel());
            assertThatThrownBy(
                            () -> model.generate(INPUT, model.pretrainedHead(), GenerationConfig.greedy(longest + 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("max_new_tokens");
        }
    }

    @Test
    void refusesAConfigurationThatItCannotFollow() throws IOException {
        String config = Files.readString(WHOLE.resolve("config.json"));

        Files.writeString(
                directory.resolve("config.json"),
                config.replace("\"activation_function\": \"gelu\"", "\"activation_function\": \"swish\""));
        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("“swish”");
        Files.writeString(
                directory.resolve("config.json"),
                config.replaceFirst("\"encoder_attention_heads\": \\d+", "\"encoder_attention_heads\": 7"));
        assertThatThrownBy(() -> ModelConfig.read(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("encoder_attention_heads")
                .hasMessageContaining("divide d_model");
    }
}
