package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

class FrozenHeadTest {
    private static final int VOCAB = 1_003;
    private static final int D_MODEL = 48;
    private static final int BEST = 4;

    private final Random random = new Random(7);

    @ParameterizedTest
    @CsvSource({
        "FP32,false,5",
        "FP32,true,5",
        "FP32,false,12",
        "FP32,true,12",
        "BF16,false,5",
        "BF16,true,5",
        "BF16,false,12",
        "INT8,false,5",
        "INT8,true,12"
    })
    void findsTheMostLikelyTokensAsThoughInFp32(Precision precision, boolean hasBias, int count) {
        assumeSuits(precision);
        float[] rows = gaussian(VOCAB * D_MODEL);
        Optional<float[]> bias = hasBias ? Optional.of(gaussian(VOCAB)) : Optional.empty();
        float[] states = gaussian(count * D_MODEL);
        try (Head head = Head.of(rows, bias, VOCAB, D_MODEL);
                TFloat32 asked = Tensors.floats(states, count, D_MODEL)) {
            FrozenHead frozen = head.frozen(how(precision));

            Step best = frozen.next(asked, BEST, false);
            Step all = frozen.next(asked, 1, true);

            for (int state = 0; state < count; state++) {
                double[] logits = logits(rows, bias, states, state);
                double sum = Math.log(Arrays.stream(logits).map(Math::exp).sum());
                int[] expected = IntStream.range(0, VOCAB)
                        .boxed()
                        .sorted(Comparator.comparingDouble(id -> -logits[id]))
                        .limit(BEST)
                        .mapToInt(Integer::intValue)
                        .toArray();
                assertThat(Arrays.copyOfRange(best.bestIds(), state * BEST, (state + 1) * BEST))
                        .isEqualTo(expected);
                assertThat(best.logSumExp()[state]).isCloseTo((float) sum, within(ofLogProbs(precision)));
                for (int place = 0; place < BEST; place++) {
                    assertThat(best.bestLogProbs()[state * BEST + place])
                            .isCloseTo((float) (logits[expected[place]] - sum), within(ofLogProbs(precision)));
                }
                assertThat(all.logits()[state * VOCAB + expected[0]])
                        .isCloseTo((float) logits[expected[0]], within(1e-4f));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FP32,false,1", "FP32,true,70", "BF16,false,70", "BF16,true,1", "INT8,true,1"})
    void findsTheMostLikelyTokenAndItsProbability(Precision precision, boolean hasBias, int count) {
        assumeSuits(precision);
        for (int round = 0; round < 5; round++) {
            float[] rows = gaussian(VOCAB * D_MODEL);
            Optional<float[]> bias = hasBias ? Optional.of(gaussian(VOCAB)) : Optional.empty();
            float[] states = gaussian(count * D_MODEL);
            try (Head head = Head.of(rows, bias, VOCAB, D_MODEL);
                    TFloat32 asked = Tensors.floats(states, count, D_MODEL)) {
                GreedyTokens tokens = head.frozen(how(precision)).greedyTokens();
                int[] found = tokens.next(asked);
                float[] logProbs = tokens.logProbs();

                for (int state = 0; state < count; state++) {
                    double[] logits = logits(rows, bias, states, state);
                    double sum = Math.log(Arrays.stream(logits).map(Math::exp).sum());
                    assertThat(found[state]).isEqualTo(largest(logits));
                    assertThat(logProbs[state])
                            .isCloseTo((float) (logits[found[state]] - sum), within(ofLogProbs(precision)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x1p-9, 0x1p-11})
    void inFp32FindsTheMostLikelyOfTokensThatBf16CannotTellApart(double apart) {
        float[] first = gaussian(D_MODEL);
        float[] rows = new float[VOCAB * D_MODEL];
        for (int i = 0; i < rows.length; i++) {
            int id = i / D_MODEL;
            int place = id * 389 % VOCAB;
            rows[i] = (float) (first[i % D_MODEL] * (1 + apart * place / VOCAB));
        }
        try (Head head = Head.of(rows, VOCAB, D_MODEL);
                TFloat32 asked = Tensors.floats(first, 1, D_MODEL)) {
            int found = head.frozen(how(Precision.FP32)).greedyTokens().next(asked)[0];

            double[] logits = logits(rows, Optional.empty(), first, 0);
            double largest = logits[largest(logits)];
            assertThat(logits[found]).isCloseTo(largest, within(largest * 1e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({"FP32", "BF16", "INT8"})
    void ofEqualTokensTakesTheFirst(Precision precision) {
        assumeSuits(precision);
        float[] rows = new float[VOCAB * D_MODEL];
        Arrays.fill(rows, 0.1f);
        try (Head head = Head.of(rows, VOCAB, D_MODEL);
                TFloat32 asked = Tensors.floats(gaussian(D_MODEL), 1, D_MODEL)) {
            assertThat(head.frozen(how(precision)).next(asked, BEST, false).bestIds())
                    .containsExactly(0, 1, 2, 3);
            assertThat(head.frozen(how(precision)).greedyTokens().next(asked)).containsExactly(0);
        }
    }

    @Test
    void isPreparedOnce() {
        try (Head head = Head.of(gaussian(3 * D_MODEL), 3, D_MODEL)) {
            assertThat(head.frozen(how(Precision.FP32))).isSameAs(head.frozen(how(Precision.FP32)));
        }
    }

    private static void assumeSuits(Precision precision) {
        assumeTrue(precision != Precision.BF16 || Processor.hasBf16(), "this processor has no bf16");
        assumeTrue(precision != Precision.INT8 || Processor.hasVnni(), "this processor has no VNNI");
    }

    private static float ofLogProbs(Precision precision) {
        return precision == Precision.INT8 ? 0.01f : 0.002f;
    }

    private static int largest(double[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max(Comparator.comparingDouble(place -> values[place]))
                .orElseThrow();
    }

    private static Execution how(Precision precision) {
        return new Execution(precision, Devices.cpu(), Threads.perCore());
    }

    private static double[] logits(float[] rows, Optional<float[]> bias, float[] states, int state) {
        return IntStream.range(0, VOCAB)
                .mapToDouble(id -> bias.map(all -> (double) all[id]).orElse(0.0)
                        + IntStream.range(0, D_MODEL)
                                .mapToDouble(i -> (double) rows[id * D_MODEL + i] * states[state * D_MODEL + i])
                                .sum())
                .toArray();
    }

    private float[] gaussian(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
