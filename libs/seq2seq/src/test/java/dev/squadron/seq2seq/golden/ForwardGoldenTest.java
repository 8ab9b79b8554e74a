package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hidden states, logits and loss agree with transformers, for fp32, bf16, fp16 and sharded weights. */
class ForwardGoldenTest {
    private static final double HIDDEN = 5e-5;
    private static final double LOGITS = 1e-4;
    private static final double LOSS = 1e-5;

    static Stream<Golden> models() {
        return Golden.with("forward");
    }

    @ParameterizedTest
    @MethodSource("models")
    void agrees(Golden golden) {
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore())) {
            Rows rows = Rows.of(golden);
            int d = model.config().dModel();

            float[] encoder = model.encoderStates(rows.inputs());
            DecoderStates states = model.decoderStates(rows.inputs(), rows.labels());

            TensorView expectedEncoder = golden.tensor("forward.encoder_last_hidden_state");
            assertThat(Golden.maxDifference(
                            ragged(encoder, longest(rows.inputs()), rows.inputs(), d),
                            ragged(expectedEncoder.floats(), rows.inputLength(), rows.inputs(), d)))
                    .as("encoder")
                    .isLessThan(HIDDEN);
            float[] expectedDecoder =
                    ragged(golden.floats("forward.decoder_last_hidden_state"), rows.labelLength(), rows.labels(), d);
            assertThat(Golden.maxDifference(states.states(), expectedDecoder))
                    .as("decoder")
                    .isLessThan(HIDDEN);
            agree(golden, rows, logits(model, states), model.config().vocabSize());
            assertThat(loss(model, states)).as("loss").isCloseTo(golden.floats("forward.loss")[0], within((float)
                    LOSS));
        }
    }

    private static void agree(Golden golden, Rows rows, double[][] logits, int vocabSize) {
        long[] columns = golden.tensors().tensors().containsKey("forward.logit_columns")
                ? golden.tensor("forward.logit_columns").longs()
                : LongStream.range(0, vocabSize).toArray();
        float[] expected = ragged(golden.floats("forward.logits"), rows.labelLength(), rows.labels(), columns.length);
        float[] logSumExp = ragged(golden.floats("forward.logsumexp"), rows.labelLength(), rows.labels(), 1);
        float[] top = ragged(golden.floats("forward.top10_logits"), rows.labelLength(), rows.labels(), 10);
        long[] topIds = golden.tensor("forward.top10_ids").longs();
        double worst = 0;
        for (int position = 0; position < logits.length; position++) {
            for (int column = 0; column < columns.length; column++) {
                double reference = expected[position * columns.length + column];
                worst = Math.max(worst, Math.abs(logits[position][(int) columns[column]] - reference));
            }
            worst = Math.max(worst, Math.abs(logSumExp(logits[position]) - logSumExp[position]));
        }
        assertThat(worst).as("logits").isLessThan(LOGITS);
        int position = 0;
        for (int row = 0; row < rows.labels().length; row++) {
            for (int t = 0; t < rows.labels()[row].length; t++) {
                for (int k = 0; k < 10; k++) {
                    int id = (int) topIds[(row * rows.labelLength() + t) * 10 + k];
                    assertThat(logits[position][id]).as("top 10").isCloseTo(top[position * 10 + k], within(LOGITS));
                }
                position++;
            }
        }
    }

    private static double[][] logits(Seq2SeqModel model, DecoderStates states) {
        float[] head = model.pretrainedHead().toArray();
        int d = states.dModel();
        double scale = model.config().headScale();
        float[] bias = model.pretrainedHead()
                .biasArray()
                .orElse(new float[model.config().vocabSize()]);
        double[][] logits = new double[states.labels().length][model.config().vocabSize()];
        for (int position = 0; position < logits.length; position++) {
            for (int id = 0; id < logits[position].length; id++) {
                double sum = 0;
                for (int i = 0; i < d; i++) {
                    sum += (double) states.states()[position * d + i] * head[id * d + i];
                }
                logits[position][id] = sum * scale + bias[id];
            }
        }
        return logits;
    }

    private static float loss(Seq2SeqModel model, DecoderStates states) {
        Head head = model.pretrainedHead();
        try (HeadTrainer trainer =
                new HeadTrainer(model.config(), head, OptimizerSpec.adamKeras(), Threads.perCore())) {
            return (float) trainer.loss(states.states(), states.labels());
        }
    }

    private static double logSumExp(double[] logits) {
        double max = Arrays.stream(logits).max().orElseThrow();
        return max
                + Math.log(Arrays.stream(logits)
                        .map(logit -> Math.exp(logit - max))
                        .sum());
    }

    /** Takes the rows without padding out of [rows, length, width]. */
    private static float[] ragged(float[] padded, int length, int[][] rows, int width) {
        int total = Arrays.stream(rows).mapToInt(row -> row.length).sum();
        float[] kept = new float[total * width];
        int at = 0;
        for (int row = 0; row < rows.length; row++) {
            int count = rows[row].length * width;
            System.arraycopy(padded, row * length * width, kept, at, count);
            at += count;
        }
        return kept;
    }

    private static int longest(int[][] rows) {
        return Arrays.stream(rows).mapToInt(row -> row.length).max().orElseThrow();
    }

    private record Rows(int[][] inputs, int[][] labels, int inputLength, int labelLength) {
        static Rows of(Golden golden) {
            TensorView ids = golden.tensor("forward.input_ids");
            TensorView labels = golden.tensor("forward.labels");
            JsonNode rows = golden.json().at("/forward/rows");
            int count = Math.toIntExact(ids.shape().get(0));
            int inputLength = Math.toIntExact(ids.shape().get(1));
            int labelLength = Math.toIntExact(labels.shape().get(1));
            int[][] inputs = new int[count][];
            int[][] targets = new int[count][];
            for (int row = 0; row < count; row++) {
                inputs[row] = unpad(
                        ids.longs(), golden.tensor("forward.attention_mask").longs(), row, inputLength, 0);
                targets[row] = unpad(labels.longs(), labels.longs(), row, labelLength, -100);
                if (!rows.isMissingNode()) {
                    assertThat(inputs[row]).isEqualTo(Golden.ints(rows.get(row).get("input_ids")));
                }
            }
            return new Rows(inputs, targets, inputLength, labelLength);
        }

        private static int[] unpad(long[] values, long[] marks, int row, int length, long padding) {
            int[] kept = new int[length];
            int count = 0;
            for (int i = row * length; i < (row + 1) * length; i++) {
                if (marks[i] != padding) {
                    kept[count++] = (int) values[i];
                }
            }
            return Arrays.copyOf(kept, count);
        }
    }
}
