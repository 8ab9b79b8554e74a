package dev.squadron.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecoderStatesTest {
    private static final Path MODEL = Path.of(System.getProperty("squadron.home"), "models/squadlet");
    private static final int[] INPUT_LENGTHS = {17, 130, 64, 400, 33, 48};
    private static final int[] LABEL_LENGTHS = {3, 8, 9, 20, 40, 1};

    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void areTheSameToTheLastBitAloneAndInCompany(Precision precision) {
        int[][] inputs =
                Arrays.stream(INPUT_LENGTHS).mapToObj(DecoderStatesTest::ids).toArray(int[][]::new);
        int[][] labels =
                Arrays.stream(LABEL_LENGTHS).mapToObj(DecoderStatesTest::ids).toArray(int[][]::new);
        Execution how = new Execution(precision, Devices.cpu(), Threads.perCore());
        try (Seq2SeqModel model = Seq2SeqModel.load(MODEL, how)) {
            DecoderStates together = model.decoderStates(inputs, labels);

            int d = together.dModel();
            int[] first = together.firstPosition();
            assertThat(together.labels())
                    .isEqualTo(
                            Arrays.stream(labels).flatMapToInt(Arrays::stream).toArray());
            for (int row = 0; row < inputs.length; row++) {
                float[] alone = model.decoderStates(new int[][] {inputs[row]}, new int[][] {labels[row]})
                        .states();
                assertThat(Arrays.copyOfRange(together.states(), first[row] * d, first[row + 1] * d))
                        .as("a label of %d tokens", labels[row].length)
                        .isEqualTo(alone);
            }
        }
    }

    private static int[] ids(int length) {
        return IntStream.range(0, length)
                .map(i -> 10 + (i * 37 + length * 101) % 5000)
                .toArray();
    }
}
