package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.golden.BackboneTrainingGoldenTest.Examples;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.PeftDirectory;
import dev.squadron.seq2seq.training.backbone.BackboneSpec;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.seq2seq.training.backbone.Tuning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters of PEFT are read, computed with, trained and written as PEFT does it. */
class LoraGoldenTest {
    private static final double HIDDEN = 5e-5;
    private static final double LOGITS = 2e-4;
    private static final double LOSS = 1e-4;
    private static final double WEIGHTS = 5e-5;

    @TempDir
    Path scratch;

    static Stream<Golden> models() {
        return Golden.with("lora");
    }

    @ParameterizedTest
    @MethodSource("models")
    void computesWithAnAdapter(Golden golden) {
        ModelConfig config = ModelConfig.read(golden.folder());
        LoraAdapter adapter = PeftDirectory.read(golden.folder().resolve("lora"), config);
        try (Seq2SeqModel model = Seq2SeqModel.open(
                config,
                GenerationConfig.read(golden.folder(), config),
                adapter.on(config, WeightFiles.open(golden.folder())),
                Execution.reference(Threads.perCore()))) {
            int[][] inputs = rows(golden, "inputs");
            int[][] labels = rows(golden, "labels");
            DecoderStates states = model.decoderStates(inputs, labels);
            List<Long> shape = golden.tensor("lora.decoder_last_hidden_state").shape();
            assertThat(Golden.maxDifference(
                            states.states(),
                            ragged(
                                    golden.floats("lora.decoder_last_hidden_state"),
                                    shape.get(1),
                                    shape.get(2),
                                    labels)))
                    .as("decoder")
                    .isLessThan(HIDDEN);
            List<Long> logits = golden.tensor("lora.logits").shape();
            assertThat(Golden.maxDifference(
                            logits(states, model.pretrainedHead().toArray(), logits.get(2)),
                            ragged(golden.floats("lora.logits"), logits.get(1), logits.get(2), labels)))
                    .as("logits")
                    .isLessThan(LOGITS);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void trainsAnAdapter(Golden golden) {
        ModelConfig config = ModelConfig.read(golden.folder());
        JsonNode run = golden.json().at("/lora/training");
        List<Examples> batches = BackboneTrainingGoldenTest.batches(golden);
        LoraAdapter start = PeftDirectory.read(golden.folder().resolve("lora"), config);
        BackboneSpec spec = BackboneSpec.of(new Tuning.Lora(start.config()), BackboneTrainingGoldenTest.adamW(run));
        try (BackboneTrainer trainer =
                BackboneTrainer.open(config, WeightFiles.open(golden.folder()), spec, Threads.perCore())) {
            trainer.begin(start);
            BackboneTrainingGoldenTest.follow(trainer, run, batches, LOSS);
            LoraAdapter expected = PeftDirectory.read(golden.folder().resolve("lora-trained"), config);
            LoraAdapter trained = trainer.adapter();
            assertThat(trained.changes().keySet()).isEqualTo(expected.changes().keySet());
            expected.matrices().forEach((name, matrix) -> assertThat(
                            Golden.maxDifference(trained.matrices().get(name).floats(), matrix.floats()))
                    .as(name)
                    .isLessThan(WEIGHTS));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void writesWhatPeftReads(Golden golden) throws IOException {
        ModelConfig config = ModelConfig.read(golden.folder());
        Path theirs = golden.folder().resolve("lora-trained");
        LoraAdapter adapter = PeftDirectory.read(theirs, config);
        Path ours = scratch.resolve("adapter");

        PeftDirectory.write(adapter, ours, golden.folder().getFileName().toString());

        SafetensorsFile expected = SafetensorsFile.open(theirs.resolve("adapter_model.safetensors"));
        SafetensorsFile written = SafetensorsFile.open(ours.resolve("adapter_model.safetensors"));
        assertThat(written.tensors().values())
                .containsExactlyElementsOf(expected.tensors().values());
        assertThat(written.metadata()).isEqualTo(expected.metadata());
        JsonNode keys = new ObjectMapper()
                .readTree(theirs.resolve("adapter_config.json").toFile());
        for (Map.Entry<String, JsonNode> key : new ObjectMapper()
                .readTree(ours.resolve("adapter_config.json").toFile())
                .properties()) {
            assertThat(key.getValue()).as(key.getKey()).isEqualTo(keys.get(key.getKey()));
        }
        PeftDirectory.write(
                PeftDirectory.read(ours, config),
                scratch.resolve("again"),
                golden.folder().getFileName().toString());
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            assertThat(scratch.resolve("again").resolve(name)).hasSameBinaryContentAs(ours.resolve(name));
        }
        assertThat(ours.toFile().list()).hasSize(2);
    }

    private static int[][] rows(Golden golden, String which) {
        List<int[]> rows = new ArrayList<>();
        JsonNode forward = golden.json().at("/forward/rows");
        assertThat(forward.isMissingNode()).isFalse();
        forward.forEach(row -> rows.add(Golden.ints(row.get(which.equals("inputs") ? "input_ids" : "labels"))));
        return rows.toArray(int[][]::new);
    }

    private static float[] ragged(float[] padded, long length, long width, int[][] rows) {
        float[] ragged = new float[Stream.of(rows).mapToInt(row -> row.length).sum() * (int) width];
        int to = 0;
        for (int row = 0; row < rows.length; row++) {
            int count = rows[row].length * (int) width;
            System.arraycopy(padded, row * (int) (length * width), ragged, to, count);
            to += count;
        }
        return ragged;
    }

    private static float[] logits(DecoderStates states, float[] head, long vocabSize) {
        int d = states.dModel();
        float[] logits = new float[states.labels().length * (int) vocabSize];
        for (int i = 0; i < logits.length; i++) {
            double sum = 0;
            for (int k = 0; k < d; k++) {
                sum += (double) states.states()[i / (int) vocabSize * d + k] * head[i % (int) vocabSize * d + k];
            }
            logits[i] = (float) sum;
        }
        return logits;
    }
}
