package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.prompt.ContextSpan;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact search finds the span that brute force finds, for several length penalties, with its log-probability and offsets. */
class ExtractiveGoldenTest {
    private static final double LOG_PROB = 2e-4;

    static Stream<Golden> models() {
        return Golden.with("extractive");
    }

    @ParameterizedTest
    @MethodSource("models")
    void findsTheBestSpan(Golden golden) throws InvalidMessage {
        JsonNode extractive = golden.json().get("extractive");
        int longest = extractive.get("longest").intValue();
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore());
                Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(golden.folder())) {
            QaPrompt prompt = new QaPrompt(tokenizer, QaPrompt.TEMPLATE, 4096, 64);
            List<JsonNode> questions = new ArrayList<>();
            List<QaPrompt.Input> inputs = new ArrayList<>();
            for (JsonNode question : extractive.get("questions")) {
                questions.add(question);
                inputs.add(prompt.input(
                        question.get("question").textValue(),
                        question.get("context").textValue()));
                assertThat(inputs.get(inputs.size() - 1).ids()).isEqualTo(Golden.ints(question.get("input_ids")));
            }

            List<Output> found = best(model, inputs, longest, 0);
            for (int i = 0; i < found.size(); i++) {
                agree(found.get(i), questions.get(i).get("best").get(0));
            }
            for (String penalty : List.of("1.0", "1.25", "1.5", "2.0")) {
                List<Output> penalised = best(model, inputs, longest, Float.parseFloat(penalty));
                for (int i = 0; i < found.size(); i++) {
                    JsonNode expected =
                            questions.get(i).get("best_by_length_penalty").get(penalty);
                    agree(penalised.get(i), expected);
                    assertThat(penalised.get(i).generated().score())
                            .isCloseTo(expected.get("score_f64").doubleValue(), within(LOG_PROB));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyAndBeamSearchQuoteToo(Golden golden) throws InvalidMessage {
        try (Seq2SeqModel model = Seq2SeqModel.load(golden.folder(), Threads.perCore());
                Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(golden.folder())) {
            QaPrompt prompt = QaPrompt.classic(tokenizer);
            List<QaPrompt.Input> inputs = new ArrayList<>();
            List<String> contexts = new ArrayList<>();
            for (JsonNode question : golden.json().get("extractive").get("questions")) {
                contexts.add(question.get("context").textValue());
                inputs.add(prompt.input(question.get("question").textValue(), contexts.get(contexts.size() - 1)));
            }
            for (int beams : List.of(1, 4)) {
                GenerationConfig rules = new GenerationConfig.Builder()
                        .maxNewTokens(9)
                        .numBeams(beams)
                        .build();
                List<Output> together = quote(model, inputs, rules);
                for (int i = 0; i < inputs.size(); i++) {
                    Output alone = quote(model, List.of(inputs.get(i)), rules).get(0);
                    assertThat(together.get(i).generated().ids())
                            .isEqualTo(alone.generated().ids())
                            .hasSizeLessThanOrEqualTo(9);
                    assertThat(together.get(i).generated().score())
                            .isCloseTo(alone.generated().score(), within(LOG_PROB));
                    ContextSpan span = together.get(i).span().orElseThrow();
                    int[] context = contexts.get(i).codePoints().toArray();
                    assertThat(span.text()).isEqualTo(new String(context, span.start(), span.end() - span.start()));
                }
            }
        }
    }

    private static void agree(Output actual, JsonNode expected) {
        ContextSpan span = actual.span().orElseThrow();
        int[] ids = actual.generated().ids();
        assertThat(Map.of("start", span.start(), "end", span.end(), "text", span.text()))
                .isEqualTo(Map.of(
                        "start", expected.get("char_start").intValue(),
                        "end", expected.get("char_end").intValue(),
                        "text", expected.get("text").textValue()));
        assertThat(Arrays.copyOf(ids, ids.length - 1)).isEqualTo(Golden.ints(expected.get("ids")));
        double sum = 0;
        for (float logProb : actual.generated().logProbs()) {
            sum += logProb;
        }
        assertThat(sum).isCloseTo(expected.get("log_prob_f64").doubleValue(), within(LOG_PROB));
    }

    private static List<Output> best(Seq2SeqModel model, List<QaPrompt.Input> inputs, int longest, float penalty) {
        GenerationConfig rules = new GenerationConfig.Builder()
                .maxNewTokens(longest + 1)
                .lengthPenalty(penalty)
                .build();
        return first(model.quoteBest(
                ids(inputs), inputs.stream().map(QaPrompt.Input::context).toList(), model.pretrainedHead(), rules));
    }

    private static List<Output> quote(Seq2SeqModel model, List<QaPrompt.Input> inputs, GenerationConfig rules) {
        return first(model.quote(
                ids(inputs), inputs.stream().map(QaPrompt.Input::context).toList(), model.pretrainedHead(), rules));
    }

    private static List<Output> first(List<List<Output>> each) {
        return each.stream().map(quotations -> quotations.get(0)).toList();
    }

    private static int[][] ids(List<QaPrompt.Input> inputs) {
        return inputs.stream().map(QaPrompt.Input::ids).toArray(int[][]::new);
    }
}
