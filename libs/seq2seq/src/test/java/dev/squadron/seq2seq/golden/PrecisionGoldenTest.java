package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.RelativeError;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** In bf16 and int8 a model finds nearly what it finds in fp32, and an example's result does not hang on its batch. */
class PrecisionGoldenTest {
    static Stream<Arguments> models() {
        return Golden.with("generation")
                .flatMap(golden -> Stream.of(
                        Arguments.of(golden, Precision.BF16, 0.04, 0.1f),
                        Arguments.of(golden, Precision.INT8, 0.1, 0.3f)));
    }

    /**
     * Compares.
     *
     * @param ofStates root mean square of the differences, a share of that of the reference
     * @param ofLogProbs the largest difference
     */
    @ParameterizedTest
    @MethodSource("models")
    void staysClose(Golden golden, Precision precision, double ofStates, float ofLogProbs) {
        assumeTrue(precision.suited(Devices.cpu()) == precision, "this processor computes in fp32 instead");
        Execution how = new Execution(precision, Devices.cpu(), Threads.perCore());
        try (Seq2SeqModel reference = Seq2SeqModel.load(golden.folder(), Threads.perCore());
                Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), how)) {
            JsonNode generation = golden.json().get("generation");
            int[][] inputs = Golden.rows(generation.get("input_ids"));
            int[][] outputs =
                    reference.generate(inputs, reference.pretrainedHead(), reference.generationConfig()).stream()
                            .map(Generated::ids)
                            .toArray(int[][]::new);

            float[] states = model.decoderStates(inputs, outputs).states();

            assertThat(RelativeError.of(
                            states, reference.decoderStates(inputs, outputs).states()))
                    .as("states")
                    .isBetween(1e-6, ofStates);
            float[] alone = model.decoderStates(new int[][] {inputs[1]}, new int[][] {outputs[1]})
                    .states();
            assertThat(Arrays.copyOfRange(
                            states,
                            outputs[0].length * model.config().dModel(),
                            outputs[0].length * model.config().dModel() + alone.length))
                    .as("alone and in a batch")
                    .isEqualTo(alone);
            GenerationConfig free = GenerationConfig.of(golden.json().at("/generation/cases/greedy/generation_config"));
            List<Generated> expected = reference.generate(inputs, reference.pretrainedHead(), free);
            List<Generated> found = model.generate(inputs, model.pretrainedHead(), free);
            for (int i = 0; i < inputs.length; i++) {
                assertThat(found.get(i).logProbs()[0])
                        .as("log-probability of the first token")
                        .isCloseTo(expected.get(i).logProbs()[0], within(ofLogProbs));
            }
        }
    }
}
