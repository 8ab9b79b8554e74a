package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.PositionWeights;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Head training over stored features follows transformers step by step. */
class HeadTrainingGoldenTest {
    private static final double LOSS = 1e-4;
    private static final double NORM = 2e-4;
    private static final double ACCUMULATED_LOSS = 5e-5;
    private static final Map<String, OptimizerSpec> RULES = Map.of(
            "adam_keras", OptimizerSpec.adamKeras(),
            "adam", OptimizerSpec.adam(),
            "adamw", OptimizerSpec.adamW(),
            "lamb", OptimizerSpec.lamb(),
            "sgd", OptimizerSpec.sgd(0.9f));

    static Stream<Golden> models() {
        return Golden.with("training");
    }

    @ParameterizedTest
    @MethodSource("models")
    void agrees(Golden golden) {
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore())) {
            List<DecoderStates> features = new ArrayList<>();
            for (JsonNode batch : golden.json().at("/training/batches")) {
                features.add(features(model, batch));
            }
            for (Map.Entry<String, JsonNode> run :
                    golden.json().at("/training/head/runs").properties()) {
                compare(golden, model, features, run.getKey(), run.getValue());
            }
            accumulate(golden, model, features, "batch_of_8", PositionWeights::tokens);
            accumulate(golden, model, features, "token_weighted", PositionWeights::tokens);
            accumulate(golden, model, features, "mean_of_means", PositionWeights::means);
        }
    }

    private static DecoderStates features(Seq2SeqModel model, JsonNode batch) {
        if (batch.has("input_ids")) {
            return model.decoderStates(Golden.rows(batch.get("input_ids")), Golden.rows(batch.get("labels")));
        }
        int[][] inputs = new int[batch.size()][];
        int[][] labels = new int[batch.size()][];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = Golden.ints(batch.get(i).get("input_ids"));
            labels[i] = Golden.ints(batch.get(i).get("labels"));
        }
        return model.decoderStates(inputs, labels);
    }

    private static void compare(
            Golden golden, Seq2SeqModel model, List<DecoderStates> features, String name, JsonNode run) {
        OptimizerSpec spec = RULES.get(run.get("optimizer").textValue());
        if (run.has("clip_norm")) {
            spec = spec.withClipNorm(run.get("clip_norm").floatValue());
        }
        try (HeadTrainer trainer = new HeadTrainer(model.config(), model.pretrainedHead(), spec, Threads.perCore())) {
            for (int i = 0; i < run.get("steps").intValue(); i++) {
                DecoderStates batch = features.get(i);
                StepResult step = trainer.step(
                        batch.states(), batch.labels(), run.get("lrs").get(i).floatValue());
                double norm = run.get("grad_norms").get(i).doubleValue();
                assertThat(step.loss())
                        .as("%s: loss of step %d", name, i)
                        .isCloseTo(run.get("losses").get(i).doubleValue(), within(LOSS));
                assertThat(step.gradientNorm())
                        .as("%s: gradient norm of step %d", name, i)
                        .isCloseTo(norm, within(norm * NORM));
            }
            DecoderStates first = features.get(0);
            assertThat(trainer.loss(first.states(), first.labels()))
                    .isCloseTo(run.get("loss_after_on_first_batch").doubleValue(), within(LOSS));
            double tolerance = run.get("lr").doubleValue() < 1e-3 ? 2e-5 : 3e-4;
            try (Head head = trainer.head()) {
                assertThat(Golden.maxDifference(rows(golden, head), golden.floats("training." + name + ".head")))
                        .as("%s: final head", name)
                        .isLessThan(tolerance);
            }
        }
    }

    private static void accumulate(
            Golden golden,
            Seq2SeqModel model,
            List<DecoderStates> features,
            String name,
            Function<int[], float[]> weighting) {
        JsonNode run = golden.json().at("/training/accumulation/" + name);
        OptimizerSpec spec = RULES.get(run.get("optimizer").textValue());
        try (HeadTrainer trainer = new HeadTrainer(model.config(), model.pretrainedHead(), spec, Threads.perCore())) {
            for (int i = 0; i < run.get("steps").intValue(); i++) {
                DecoderStates first = features.get(2 * i);
                DecoderStates second = features.get(2 * i + 1);
                DecoderStates both = join(first, second);
                StepResult step = trainer.step(
                        both.states(),
                        both.labels(),
                        weighting.apply(new int[] {first.labels().length, second.labels().length}),
                        run.get("lrs").get(i).floatValue());
                double norm = run.get("grad_norms").get(i).doubleValue();
                assertThat(step.loss())
                        .as("%s: loss of step %d", name, i)
                        .isCloseTo(run.get("losses").get(i).doubleValue(), within(ACCUMULATED_LOSS));
                assertThat(step.gradientNorm())
                        .as("%s: gradient norm of step %d", name, i)
                        .isCloseTo(norm, within(norm * NORM));
            }
            DecoderStates begin = join(features.get(0), features.get(1));
            assertThat(trainer.loss(begin.states(), begin.labels()))
                    .as("%s: loss after", name)
                    .isCloseTo(run.get("loss_after_on_first_batch").doubleValue(), within(ACCUMULATED_LOSS));
        }
    }

    private static DecoderStates join(DecoderStates first, DecoderStates second) {
        float[] states = Arrays.copyOf(first.states(), first.states().length + second.states().length);
        System.arraycopy(second.states(), 0, states, first.states().length, second.states().length);
        int[] labels = Arrays.copyOf(first.labels(), first.labels().length + second.labels().length);
        System.arraycopy(second.labels(), 0, labels, first.labels().length, second.labels().length);
        return new DecoderStates(first.dModel(), states, labels, new int[] {0, labels.length});
    }

    private static float[] rows(Golden golden, Head head) {
        int[] ids = golden.tensors().tensors().containsKey("training.head_rows")
                ? Arrays.stream(golden.tensor("training.head_rows").longs())
                        .mapToInt(Math::toIntExact)
                        .toArray()
                : Golden.ints(golden.json().at("/training/head/head_row_ids"));
        try (Head some = head.rows(ids)) {
            return some.toArray();
        }
    }
}
