package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Greedy search gives the ids and log-probabilities that transformers gives. */
class GreedySearchGoldenTest {
    private static final double LOG_PROB = 1e-4;

    static Stream<Golden> models() {
        return Golden.with("generation");
    }

    @ParameterizedTest
    @MethodSource("models")
    void agrees(Golden golden) {
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore())) {
            JsonNode generation = golden.json().get("generation");
            int[][] inputs = Golden.rows(generation.get("input_ids"));
            List<String> compared = new ArrayList<>();
            for (Map.Entry<String, JsonNode> entry : generation.get("cases").properties()) {
                if (entry.getValue().has("token_log_probs")) {
                    compare(model, inputs, entry.getValue(), entry.getKey());
                    compared.add(entry.getKey());
                }
            }
            assertThat(compared).contains("greedy", "defaults");
        }
    }

    private static void compare(Seq2SeqModel model, int[][] inputs, JsonNode expected, String name) {
        GenerationConfig rules = GenerationConfig.of(expected.get("generation_config"));

        List<Generated> together = model.generate(inputs, model.pretrainedHead(), rules);

        for (int row = 0; row < inputs.length; row++) {
            agree(together.get(row), expected, row, model.config().eosTokenId(), name + " together");
            int[][] alone = {inputs[row]};
            agree(
                    model.generate(alone, model.pretrainedHead(), rules).get(0),
                    expected,
                    row,
                    model.config().eosTokenId(),
                    name + " alone");
        }
    }

    private static void agree(Generated actual, JsonNode expected, int row, int eos, String name) {
        int[] sequence = Golden.ints(expected.get("sequences").get(row));
        JsonNode logProbs = expected.get("token_log_probs").get(row);
        int length = logProbs.size();

        assertThat(actual.ids()).as("%s, input %d", name, row).isEqualTo(Arrays.copyOfRange(sequence, 1, length + 1));
        assertThat(actual.finished()).isEqualTo(sequence[length] == eos);
        for (int i = 0; i < length; i++) {
            assertThat((double) actual.logProbs()[i])
                    .as("%s, input %d, token %d", name, row, i)
                    .isCloseTo(logProbs.get(i).doubleValue(), within(LOG_PROB));
        }
    }
}
