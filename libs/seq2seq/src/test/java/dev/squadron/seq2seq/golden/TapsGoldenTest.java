package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be looked at inside a model is what transformers has there: the last states agree, and attention is attention. */
class TapsGoldenTest {
    private static final double HIDDEN = 5e-5;

    static Stream<Golden> models() {
        return Golden.with("forward");
    }

    @ParameterizedTest
    @MethodSource("models")
    void agree(Golden golden) {
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore())) {
            int[] input = firstRow(golden, "forward.input_ids", "forward.attention_mask", 0);
            int[] label = firstRow(golden, "forward.labels", "forward.labels", -100);
            int d = model.config().dModel();

            assertThat(model.taps())
                    .contains("encoder.block.0.hidden", "decoder.block.0.cross_attention")
                    .endsWith("decoder.last_hidden_state");
            for (String name : model.taps()) {
                TensorView tap = model.tap(name, input, label);
                long rows = name.startsWith("encoder.") ? input.length : label.length;
                if (name.endsWith("attention")) {
                    assertThat(tap.shape())
                            .hasSize(3)
                            .endsWith(rows, name.contains("cross") ? (long) input.length : rows);
                    assertAddsUpToOne(tap);
                } else {
                    assertThat(tap.shape()).isEqualTo(List.of(rows, (long) d));
                }
            }

            assertThat(Golden.maxDifference(
                            model.tap("encoder.last_hidden_state", input, label).floats(),
                            Arrays.copyOf(golden.floats("forward.encoder_last_hidden_state"), input.length * d)))
                    .isLessThan(HIDDEN);
            float[] last = model.tap("decoder.last_hidden_state", input, label).floats();
            assertThat(Golden.maxDifference(
                            last, Arrays.copyOf(golden.floats("forward.decoder_last_hidden_state"), label.length * d)))
                    .isLessThan(HIDDEN);
            DecoderStates states = model.decoderStates(new int[][] {input}, new int[][] {label});
            assertThat(last).isEqualTo(states.states());
            assertThatThrownBy(() -> model.tap("encoder.block.99.hidden", input, label))
                    .hasMessageContaining("There is no tap encoder.block.99.hidden; there are [encoder.block.0.");
        }
    }

    private static void assertAddsUpToOne(TensorView attention) {
        int keys = Math.toIntExact(attention.shape().get(2));
        float[] shares = attention.floats();
        for (int from = 0; from < shares.length; from += keys) {
            double sum = 0;
            for (int key = from; key < from + keys; key++) {
                sum += shares[key];
            }
            assertThat(sum).as(attention.name()).isCloseTo(1, within(1e-5));
        }
    }

    private static int[] firstRow(Golden golden, String ids, String marks, long padding) {
        int length = Math.toIntExact(golden.tensor(ids).shape().get(1));
        long[] values = golden.tensor(ids).longs();
        long[] kept = golden.tensor(marks).longs();
        int count = 0;
        while (count < length && kept[count] != padding) {
            count++;
        }
        return Arrays.stream(values, 0, count).mapToInt(Math::toIntExact).toArray();
    }
}
