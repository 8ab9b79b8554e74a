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

/** Greedy and beam search give the ids, log-probabilities and scores that transformers gives. */
class GenerationGoldenTest {
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
                JsonNode expected = entry.getValue();
                GenerationConfig rules = GenerationConfig.of(expected.get("generation_config"));
                if (entry.getKey().equals("defaults")) {
                    assertThat(model.generationConfig().withMaxNewTokens(rules.maxNewTokens()))
                            .isEqualTo(rules);
                }
                compare(model, inputs, rules, expected, entry.getKey());
                compared.add(entry.getKey());
            }
            assertThat(compared).contains("greedy", "beam4", "beam4_never", "beam4_early_stopping", "defaults");
        }
    }

    private static void compare(
            Seq2SeqModel model, int[][] inputs, GenerationConfig rules, JsonNode expected, String name) {
        List<List<Generated>> together = model.generateSeveral(inputs, model.pretrainedHead(), rules);

        int each = rules.numReturnSequences();
        for (int input = 0; input < inputs.length; input++) {
            int[][] alone = {inputs[input]};
            List<Generated> single =
                    model.generateSeveral(alone, model.pretrainedHead(), rules).get(0);
            assertThat(together.get(input)).hasSize(each);
            assertThat(single).hasSize(each);
            for (int i = 0; i < each; i++) {
                String place = name + ", input " + input + ", sequence " + i;
                agree(together.get(input).get(i), rules, expected, input * each + i, place);
                agree(single.get(i), rules, expected, input * each + i, place + ", alone");
            }
            assertThat(model.generate(alone, model.pretrainedHead(), rules)
                            .get(0)
                            .ids())
                    .isEqualTo(single.get(0).ids());
        }
    }

    private static void agree(Generated actual, GenerationConfig rules, JsonNode expected, int row, String place) {
        int[] sequence = Golden.ints(expected.get("sequences").get(row));
        List<Integer> eos = rules.eosTokenIds();
        int length = 1;
        while (length < sequence.length - 1 && length < rules.maxNewTokens() && !eos.contains(sequence[length])) {
            length++;
        }
        assertThat(actual.ids()).as(place).isEqualTo(Arrays.copyOfRange(sequence, 1, length + 1));
        assertThat(actual.finished()).as(place).isEqualTo(eos.contains(sequence[length]));
        assertThat(actual.logProbs()).as(place).hasSize(length);
        if (expected.has("sequences_scores")) {
            assertThat(actual.score())
                    .as(place)
                    .isCloseTo(expected.get("sequences_scores").get(row).doubleValue(), within(LOG_PROB));
            double sum = sum(actual.processedLogProbs());
            assertThat(sum / Math.pow(length, rules.lengthPenalty()))
                    .as(place)
                    .isCloseTo(actual.score(), within(LOG_PROB));
        } else {
            close(actual.logProbs(), expected.get("token_log_probs").get(row), place);
            close(
                    actual.processedLogProbs(),
                    expected.get("token_log_probs_of_processed_scores").get(row),
                    place + ", processed");
            assertThat(actual.score()).as(place).isCloseTo(sum(actual.processedLogProbs()), within(LOG_PROB));
        }
    }

    private static void close(float[] actual, JsonNode expected, String place) {
        assertThat(actual).as(place).hasSize(expected.size());
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i])
                    .as("%s, token %d", place, i)
                    .isCloseTo(expected.get(i).doubleValue(), within(LOG_PROB));
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
