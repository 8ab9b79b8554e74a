package dev.squadron.trainer.domain.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.text.metric.SquadMetric.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingsTest {
    @ParameterizedTest
    @CsvSource({
        "What is the harbour called?, WHAT",
        "In what year was it built?, WHAT",
        "To whom did she write?, WHO",
        "'“Whose” ferry is it?', WHO",
        "When does it leave?, WHEN",
        "WHERE is it?, WHERE",
        "On which day?, WHICH",
        "How many ships are there?, HOW_MANY",
        "How much is it?, HOW_MUCH",
        "How long does it take?, HOW",
        "Why does it wait?, WHY",
        "Is it known why it waits?, YES_NO",
        "Name the captain., OTHER",
        "Wer ist der Kapitän?, OTHER",
        "'', OTHER"
    })
    void tellsWhatAQuestionAsksFor(String question, String type) {
        assertThat(QuestionType.of(question)).isEqualTo(QuestionType.valueOf(type.replace("MUCH", "MANY")));
    }

    @ParameterizedTest
    @CsvSource({
        "noon, 1 word",
        "Anna Berg, 2 words",
        "the old  harbour, 3 words",
        "a b c d e, 4 to 5 words",
        "a b c d e f, 6 to 10 words",
        "a b c d e f g h i j k, more than 10 words"
    })
    void groupsAnswersByTheirWords(String reference, String group) {
        assertThat(judged("Who?", List.of(reference), 0, 0).length()).isEqualTo(group);
        assertThat(judged("Who?", List.of(), 0, 0).length()).isEqualTo("0 words");
    }

    @Test
    void showsTheLowestF1AndOfEqualOnesTheHighestLoss() {
        List<Judged> questions = List.of(
                judged("Who a?", List.of("x"), 1, 1),
                judged("Who b?", List.of("x"), 1, 0.5),
                judged("Who c?", List.of("x"), 0, 0),
                judged("Who d?", List.of("x"), 0, 0));
        double[] losses = {9, 8, 1, 2};

        assertThat(Findings.of(questions, place -> losses[place]).worst())
                .extracting(wrong -> wrong.question().question() + wrong.loss())
                .containsExactly("Who d?2.0", "Who c?1.0", "Who b?8.0");
    }

    @Test
    void computesFewLossesAndShowsFewAnswers() {
        List<Judged> questions = IntStream.range(0, 1_000)
                .mapToObj(i -> judged("Who?", List.of("x"), 0, 0))
                .toList();
        List<Integer> computed = new ArrayList<>();

        Findings findings = Findings.of(questions, place -> {
            computed.add(place);
            return 1;
        });

        assertThat(findings.worst()).hasSize(25);
        assertThat(computed).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void countsAndScoresEachGroup() {
        List<Judged> questions = List.of(
                judged("Who <b>?", List.of("Anna", "Anna Berg"), 0, 1),
                judged("Who?", List.of("Berg"), 0, 0.5),
                judged("Why?", List.of("a b"), 1, 1));

        String page = Findings.of(questions, place -> 0.25).sections().stream()
                .map(Html::toString)
                .collect(Collectors.joining());

        assertThat(page)
                .contains("<td>who</td>" + numbers("2", "0", "50", "0", "75"))
                .contains("<td>why</td>" + numbers("1", "100", "100", "100", "100"))
                .contains("<td>1 word</td>" + numbers("2", "0", "50", "0", "75"))
                .contains("<td>Who?</td><td>Berg</td><td>before</td><td>after</td>" + numbers("0", "50", "0.25"))
                .doesNotContain("<b>");
    }

    private static String numbers(String... numbers) {
        return List.of(numbers).stream()
                .map(number -> "<td class=\"number\">" + number + "</td>")
                .collect(Collectors.joining());
    }

    private static Judged judged(String question, List<String> references, double before, double after) {
        return new Judged(
                question,
                references,
                "before",
                "after",
                new Score(before, before),
                new Score(after == 1 ? 1 : 0, after));
    }
}
