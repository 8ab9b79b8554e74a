package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.backbone.Accumulation;
import dev.squadron.seq2seq.training.backbone.Accumulation.Weighting;
import dev.squadron.seq2seq.training.backbone.BackboneSpec;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.seq2seq.training.backbone.Tuning;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training of more than the head follows transformers step by step. */
class BackboneTrainingGoldenTest {
    private static final double LOSS = 1e-4;
    private static final double NORM = 2e-4;

    static Stream<Golden> models() {
        return Golden.with("training");
    }

    @ParameterizedTest
    @MethodSource("models")
    void lastBlockAndHead(Golden golden) {
        JsonNode run = golden.json().at("/training/last_block_and_head");
        compare(golden, run, BackboneSpec.of(new Tuning.LastBlocks(1), adamW(run)), batches(golden), LOSS, 5e-4);
    }

    @ParameterizedTest
    @MethodSource("models")
    void full(Golden golden) {
        JsonNode run = golden.json().at("/training/full");
        compare(golden, run, BackboneSpec.of(new Tuning.Full(), adamW(run)), batches(golden), LOSS, 1e-3);
    }

    @ParameterizedTest
    @MethodSource("models")
    void accumulation(Golden golden) {
        JsonNode runs = golden.json().at("/training/accumulation");
        accumulate(golden, runs.get("batch_of_8"), Accumulation.none());
        accumulate(golden, runs.get("token_weighted"), new Accumulation(2, Weighting.TOKENS));
        accumulate(golden, runs.get("mean_of_means"), new Accumulation(2, Weighting.MEANS));
    }

    private static void accumulate(Golden golden, JsonNode run, Accumulation accumulation) {
        BackboneSpec spec =
                BackboneSpec.of(new Tuning.LastBlocks(0), adamW(run)).withAccumulation(accumulation);
        List<Examples> fours = batches(golden);
        List<Examples> eights = new ArrayList<>();
        for (int i = 0; i < 10; i += 2) {
            eights.add(fours.get(i).and(fours.get(i + 1)));
        }
        compare(golden, run, spec, eights, 5e-5, 0);
    }

    private static void compare(
            Golden golden, JsonNode run, BackboneSpec spec, List<Examples> batches, double loss, double weights) {
        ModelConfig config = ModelConfig.read(golden.folder());
        try (BackboneTrainer trainer =
                BackboneTrainer.open(config, WeightFiles.open(golden.folder()), spec, Threads.perCore())) {
            follow(trainer, run, batches, loss);
            Weights trained = trainer.weights();
            run.path("final_norms").properties().forEach(entry -> {
                double norm = entry.getValue().doubleValue();
                assertThat(norm(trained, config, entry.getKey()))
                        .as("Frobenius norm of %s", entry.getKey())
                        .isCloseTo(norm, within(weights));
            });
        }
    }

    /** Makes the updates of a run and compares what they saw. */
    static void follow(BackboneTrainer trainer, JsonNode run, List<Examples> batches, double tolerance) {
        for (int i = 0; i < run.get("steps").intValue(); i++) {
            Examples batch = batches.get(i);
            StepResult step = trainer.step(
                    batch.inputs(), batch.labels(), run.get("lrs").get(i).floatValue());
            double norm = run.get("grad_norms").get(i).doubleValue();
            assertThat(step.loss())
                    .as("loss of step %d", i)
                    .isCloseTo(run.get("losses").get(i).doubleValue(), within(tolerance));
            assertThat(step.gradientNorm()).as("gradient norm of step %d", i).isCloseTo(norm, within(norm * NORM));
        }
        assertThat(trainer.loss(batches.get(0).inputs(), batches.get(0).labels()))
                .isCloseTo(run.get("loss_after_on_first_batch").doubleValue(), within(tolerance));
    }

    private static double norm(Weights trained, ModelConfig config, String name) {
        long[] shape = config.weights().getOrDefault(name, new long[] {config.vocabSize(), config.dModel()});
        double sum = 0;
        for (float element : trained.tensor(name, shape).floats()) {
            sum += (double) element * element;
        }
        return Math.sqrt(sum);
    }

    static OptimizerSpec adamW(JsonNode run) {
        return run.hasNonNull("clip_norm")
                ? OptimizerSpec.adamW().withClipNorm(run.get("clip_norm").floatValue())
                : OptimizerSpec.adamW();
    }

    /** Ragged, one row an example. */
    record Examples(int[][] inputs, int[][] labels) {
        Examples and(Examples other) {
            return new Examples(
                    Stream.of(inputs, other.inputs).flatMap(Stream::of).toArray(int[][]::new),
                    Stream.of(labels, other.labels).flatMap(Stream::of).toArray(int[][]::new));
        }
    }

    static List<Examples> batches(Golden golden) {
        List<Examples> batches = new ArrayList<>();
        for (JsonNode batch : golden.json().at("/training/batches")) {
            if (batch.has("input_ids")) {
                batches.add(new Examples(Golden.rows(batch.get("input_ids")), Golden.rows(batch.get("labels"))));
            } else {
                List<int[]> inputs = new ArrayList<>();
                List<int[]> labels = new ArrayList<>();
                batch.forEach(example -> {
                    inputs.add(Golden.ints(example.get("input_ids")));
                    labels.add(Golden.ints(example.get("labels")));
                });
                batches.add(new Examples(inputs.toArray(int[][]::new), labels.toArray(int[][]::new)));
            }
        }
        return batches;
    }
}
