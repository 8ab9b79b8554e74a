package dev.squadron.seq2seq.training.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.golden.Golden;
import dev.squadron.seq2seq.lora.LoraConfig;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BackboneTrainerTest {
    private static final Path MODEL = Golden.suite().resolve("t5-v1_0");
    private static final ModelConfig CONFIG = ModelConfig.read(MODEL);
    private static final float RATE = 1e-3f;
    private static final LoraConfig LORA = new LoraConfig(2, 4, 0.1, new TreeSet<>(List.of("q", "v", "wo")));

    @TempDir
    Path scratch;

    static Stream<BackboneSpec> specs() {
        OptimizerSpec adamW = OptimizerSpec.adamW().withClipNorm(1);
        return Stream.of(
                BackboneSpec.of(new Tuning.Lora(LORA), OptimizerSpec.lamb()).withDropout(0.1, 7),
                BackboneSpec.of(new Tuning.LastBlocks(1), OptimizerSpec.adafactor())
                        .withDropout(0.1, 7)
                        .withAccumulation(new Accumulation(2, Accumulation.Weighting.TOKENS)),
                BackboneSpec.of(new Tuning.Full(), adamW)
                        .withDropout(0.1, 7)
                        .withDevices(Devices.cpu(), Precision.FP16));
    }

    @Test
    void refusesInt8() {
        BackboneSpec spec = BackboneSpec.of(new Tuning.Full(), OptimizerSpec.lamb());

        assertThatThrownBy(() -> spec.withDevices(Devices.cpu(), Precision.INT8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("int8 is for frozen models");
    }

    @ParameterizedTest
    @MethodSource("specs")
    void goesOnAsIfItHadNeverStopped(BackboneSpec spec) throws IOException {
        Path half = scratch.resolve("half.safetensors");
        Path end = scratch.resolve("end.safetensors");
        try (BackboneTrainer trainer = open(spec)) {
            train(trainer, 0, 2);
            trainer.save(half);
            train(trainer, 2, 4);
            trainer.save(end);
        }
        try (BackboneTrainer trainer = open(spec)) {
            trainer.restore(half);
            assertThat(trainer.steps()).isEqualTo(2);
            train(trainer, 2, 4);
            trainer.save(scratch.resolve("resumed.safetensors"));
        }
        assertThat(scratch.resolve("resumed.safetensors")).hasSameBinaryContentAs(end);
    }

    @Test
    void refusesTheStateOfAnotherTraining() throws IOException {
        Path state = scratch.resolve("state.safetensors");
        try (BackboneTrainer trainer = open(BackboneSpec.of(new Tuning.Lora(LORA), OptimizerSpec.adamKeras()))) {
            trainer.save(state);
        }
        try (BackboneTrainer trainer = open(BackboneSpec.of(new Tuning.LastBlocks(1), OptimizerSpec.adamKeras()))) {
            assertThatThrownBy(() -> trainer.restore(state))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("trains something else");
        }
    }

    @Test
    void severalDevicesTrainAsOneDoes() {
        BackboneSpec one = BackboneSpec.of(new Tuning.Full(), OptimizerSpec.adamKeras());
        BackboneSpec three = one.withDevices(Devices.parse("cpu:0-2", true), Precision.FP32);
        try (BackboneTrainer alone = open(one);
                BackboneTrainer together = open(three)) {
            for (int i = 0; i < 4; i++) {
                Batch batch = batch(i, i == 3 ? 2 : 5);
                StepResult expected = alone.step(batch.inputIds(), batch.labelIds(), RATE);
                StepResult actual = together.step(batch.inputIds(), batch.labelIds(), RATE);
                assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-4));
                assertThat(actual.gradientNorm())
                        .isCloseTo(expected.gradientNorm(), within(2e-4 * expected.gradientNorm()));
            }
            Weights expected = alone.weights();
            Weights actual = together.weights();
            CONFIG.weights().forEach((name, shape) -> assertThat(Golden.maxDifference(
                            actual.tensor(name, shape).floats(),
                            expected.tensor(name, shape).floats()))
                    .as(name)
                    .isLessThan(1e-3));
        }
    }

    @Test
    void halfPrecisionLearnsAsFp32Does() {
        BackboneSpec spec = BackboneSpec.of(new Tuning.Full(), OptimizerSpec.adamKeras());
        try (BackboneTrainer reference = open(spec);
                BackboneTrainer bf16 = open(spec.withDevices(Devices.cpu(), Precision.BF16));
                BackboneTrainer fp16 = open(spec.withDevices(Devices.cpu(), Precision.FP16))) {
            double first = 0;
            double last = 0;
            for (int i = 0; i < 6; i++) {
                Batch batch = batch(i % 2, 4);
                last = reference.step(batch.inputIds(), batch.labelIds(), RATE).loss();
                first = i == 0 ? last : first;
                assertThat(bf16.step(batch.inputIds(), batch.labelIds(), RATE).loss())
                        .isNotEqualTo(last)
                        .isCloseTo(last, within(0.1));
                assertThat(fp16.step(batch.inputIds(), batch.labelIds(), RATE).loss())
                        .isNotEqualTo(last)
                        .isCloseTo(last, within(0.02));
            }
            assertThat(last).isLessThan(first - 1);
        }
    }

    @Test
    void dropoutDependsOnTheSeedAndTheUpdateAlone() {
        BackboneSpec spec = BackboneSpec.of(new Tuning.LastBlocks(1), OptimizerSpec.adamKeras());
        Batch batch = batch(0, 4);
        try (BackboneTrainer without = open(spec);
                BackboneTrainer with = open(spec.withDropout(0.1, 1));
                BackboneTrainer same = open(spec.withDropout(0.1, 1));
                BackboneTrainer other = open(spec.withDropout(0.1, 2))) {
            assertThat(with.loss(batch.inputIds(), batch.labelIds()))
                    .isCloseTo(without.loss(batch.inputIds(), batch.labelIds()), within(1e-5));
            double first = with.step(batch.inputIds(), batch.labelIds(), 0).loss();
            double second = with.step(batch.inputIds(), batch.labelIds(), 0).loss();
            assertThat(first)
                    .isNotEqualTo(
                            without.step(batch.inputIds(), batch.labelIds(), 0).loss());
            assertThat(second).isNotEqualTo(first);
            assertThat(same.step(batch.inputIds(), batch.labelIds(), 0).loss()).isEqualTo(first);
            assertThat(other.step(batch.inputIds(), batch.labelIds(), 0).loss()).isNotEqualTo(first);
        }
    }

    @Test
    void smoothsLabelsAsTransformersDoes() {
        double epsilon = 0.1;
        Batch batch = batch(0, 4);
        try (Seq2SeqModel model = Seq2SeqModel.load(MODEL, Threads.perCore());
                BackboneTrainer trainer = open(BackboneSpec.of(new Tuning.LastBlocks(0), OptimizerSpec.adamKeras())
                        .withLabelSmoothing(epsilon))) {
            DecoderStates states = model.decoderStates(batch.inputIds(), batch.labelIds());
            double[] losses = losses(states, model.pretrainedHead(), epsilon);

            assertThat(trainer.loss(batch.inputIds(), batch.labelIds())).isCloseTo(losses[0], within(1e-5));
            assertThat(trainer.step(batch.inputIds(), batch.labelIds(), 0).loss())
                    .isCloseTo(losses[1], within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void whatWasTrainedIsAModel(BackboneSpec spec) {
        try (BackboneTrainer trainer = open(spec)) {
            train(trainer, 0, 3);
            Batch batch = batch(9, 4);
            try (Seq2SeqModel model = Seq2SeqModel.open(
                            CONFIG,
                            GenerationConfig.read(MODEL, CONFIG),
                            trainer.weights(),
                            Execution.reference(Threads.perCore()));
                    Head head = trainer.head()) {
                DecoderStates states = model.decoderStates(batch.inputIds(), batch.labelIds());
                double tolerance = spec.precision() == Precision.FP32 ? 1e-4 : 1e-2;
                assertThat(losses(states, head, 0)[0])
                        .isCloseTo(trainer.loss(batch.inputIds(), batch.labelIds()), within(tolerance));
                assertThat(model.sha256()).isNotEqualTo(WeightFiles.open(MODEL).sha256());
            }
        }
    }

    @Test
    void frozenWeightsStay() {
        try (BackboneTrainer trainer = open(BackboneSpec.of(new Tuning.LastBlocks(1), OptimizerSpec.adamKeras()))) {
            train(trainer, 0, 2);
            Weights before = WeightFiles.open(MODEL);
            String last = CONFIG.decoderBlock(CONFIG.decoderBlocks() - 1);
            Weights after = trainer.weights();
            CONFIG.weights().forEach((name, shape) -> {
                TensorView now = after.tensor(name, shape);
                assertThat(now.equals(before.tensor(name, shape))).as(name).isEqualTo(!name.startsWith(last));
            });
        }
    }

    @Test
    void saysWhatCannotBeTrained() {
        assertThatThrownBy(() -> open(BackboneSpec.of(new Tuning.LastBlocks(9), OptimizerSpec.adamKeras())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("last 9 decoder blocks")
                .hasMessageContaining("the model has " + CONFIG.decoderBlocks());
        assertThatThrownBy(() ->
                        open(BackboneSpec.of(new Tuning.Lora(LoraConfig.of(2, 4, "query")), OptimizerSpec.adamKeras())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no modules [query]")
                .hasMessageContaining(" v,");
        assertThatThrownBy(() -> open(
                        BackboneSpec.of(new Tuning.Lora(LoraConfig.of(2, 4, "shared")), OptimizerSpec.adamKeras())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("shared.weight is looked up");
    }

    @Test
    void refusesWhatTheModelCannotRead() {
        try (BackboneTrainer trainer = open(BackboneSpec.of(new Tuning.LastBlocks(0), OptimizerSpec.adamKeras()))) {
            int[][] good = {{5, 1}};
            assertThatThrownBy(() -> trainer.step(good, new int[][] {{5, 999_999}}, RATE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("999999");
            assertThatThrownBy(() -> trainer.step(good, new int[][] {{5}, {1}}, RATE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 inputs and 2 labels");
        }
    }

    private static BackboneTrainer open(BackboneSpec spec) {
        return BackboneTrainer.open(CONFIG, WeightFiles.open(MODEL), spec, Threads.perCore());
    }

    private static void train(BackboneTrainer trainer, int from, int to) {
        for (int i = from; i < to; i++) {
            Batch batch = batch(i, 4);
            trainer.step(batch.inputIds(), batch.labelIds(), RATE);
        }
    }

    private static Batch batch(int seed, int rows) {
        Random random = new Random(seed);
        int[][] inputs = new int[rows][];
        int[][] labels = new int[rows][];
        for (int row = 0; row < rows; row++) {
            inputs[row] = random.ints(8 + random.nextInt(20), 3, 400).toArray();
            labels[row] = random.ints(2 + random.nextInt(6), 3, 400).toArray();
        }
        return new Batch(inputs, labels);
    }

    /** Returns the mean loss a position, and that against smoothed labels. */
    private static double[] losses(DecoderStates states, Head head, double epsilon) {
        float[] rows = head.toArray();
        int d = states.dModel();
        double plain = 0;
        double smoothed = 0;
        for (int position = 0; position < states.labels().length; position++) {
            double[] logits = new double[head.vocabSize()];
            double sum = 0;
            double total = 0;
            for (int id = 0; id < logits.length; id++) {
                for (int i = 0; i < d; i++) {
                    logits[id] += (double) states.states()[position * d + i] * rows[id * d + i];
                }
                logits[id] *= CONFIG.headScale();
                sum += Math.exp(logits[id]);
                total += logits[id];
            }
            double negative = Math.log(sum) - logits[states.labels()[position]];
            plain += negative;
            smoothed += (1 - epsilon) * negative + epsilon * (Math.log(sum) - total / logits.length);
        }
        return new double[] {plain / states.labels().length, smoothed / states.labels().length};
    }
}
