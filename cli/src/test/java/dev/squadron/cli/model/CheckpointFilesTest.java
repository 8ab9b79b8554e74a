package dev.squadron.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.cli.CliException;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.WeightFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFilesTest {
    private static final Path GOLDEN = Path.of(System.getProperty("squadron.home"), "samples/golden");
    private static final Path MODEL = GOLDEN.resolve("mt5");

    @TempDir
    Path folder;

    @Test
    void takesAnAdapterThatPeftWrote() {
        CheckpointFiles files = CheckpointFiles.of(MODEL.resolve("lora-trained"), MODEL);

        assertThat(files.kind()).isEqualTo(Tune.LORA);
        assertThat(files.files()).containsOnlyKeys("adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void takesAModelThatTransformersWrote() {
        CheckpointFiles files = CheckpointFiles.of(MODEL, MODEL);

        assertThat(files.kind()).isEqualTo(Tune.FULL);
        assertThat(files.weights()).isEqualTo("model.safetensors");
        assertThat(files.files()).containsKeys("config.json", "model.safetensors");
    }

    @Test
    void takesAHeadWithTheModelsConfig() throws Exception {
        try (Head head = ModelConfig.read(MODEL).pretrainedHead(WeightFiles.open(MODEL))) {
            head.write(folder.resolve("lm_head.safetensors"));
        }

        CheckpointFiles files = CheckpointFiles.of(folder, MODEL);

        assertThat(files.kind()).isEqualTo(Tune.HEAD);
        assertThat(files.files()).containsKeys("config.json", "lm_head.safetensors");
    }

    @Test
    void refusesAHeadOfAnotherShape() throws Exception {
        try (Head head = Head.of(new float[10 * 4], 10, 4)) {
            head.write(folder.resolve("lm_head.safetensors"));
        }

        assertThatThrownBy(() -> CheckpointFiles.of(folder, MODEL))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("is 10 × 4");
    }

    @Test
    void refusesAnotherModelsWeights() {
        assertThatThrownBy(() -> CheckpointFiles.of(GOLDEN.resolve("t5-v1_0"), MODEL))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("has other weights");
        assertThatThrownBy(() -> CheckpointFiles.of(MODEL.resolve("lora-trained"), GOLDEN.resolve("bart")))
                .isInstanceOf(ModelException.class);
    }

    @Test
    void refusesAFolderWithNothingOfTheKind() {
        assertThatThrownBy(() -> CheckpointFiles.of(folder, MODEL))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("holds no checkpoint");
    }
}
