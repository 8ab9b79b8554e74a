package dev.squadron.trainer.domain.report;

import dev.squadron.text.metric.SquadMetric.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the answers to a validation split show.
 *
 * @param questions all of them
 * @param worst the questions that the trained model answers worst
 */
public record Findings(List<Judged> questions, List<Wrong> worst) {
    private static final int CANDIDATES = 200;
    private static final int SHOWN = 25;

    /**
     * A question that is answered badly.
     *
     * @param loss mean loss a label token under the trained model, in nats
     */
    public record Wrong(Judged question, double loss) {}

    /**
     * Finds the worst answers: the lowest F1 first, and of equal ones the highest loss, which is computed for some hundred only.
     *
     * @param loss of the question at a place
     */
    public static Findings of(List<Judged> questions, IntToDoubleFunction loss) {
        List<Wrong> worst = IntStream.range(0, questions.size())
                .filter(place -> questions.get(place).scoreAfter().f1() < 1)
                .boxed()
                .sorted(Comparator.comparingDouble(
                        place -> questions.get(place).scoreAfter().f1()))
                .limit(CANDIDATES)
                .map(place -> new Wrong(questions.get(place), loss.applyAsDouble(place)))
                .sorted(Comparator.comparingDouble(
                                (Wrong wrong) -> wrong.question().scoreAfter().f1())
                        .thenComparing(Comparator.comparingDouble(Wrong::loss).reversed()))
                .limit(SHOWN)
                .toList();
        return new Findings(questions, worst);
    }

    /** Returns the sections of a report. */
    List<Html> sections() {
        if (questions.isEmpty()) {
            return List.of();
        }
        List<Html> sections = new ArrayList<>();
        sections.add(Page.section(
                "By question", breakdown("Asks for", each -> QuestionType.of(each.question()), QuestionType::label)));
        sections.add(Page.section("By length of the answer", breakdown("Answer", Judged::length, Function.identity())));
        if (!worst.isEmpty()) {
            sections.add(Page.section("Worst answers", table()));
        }
        return sections;
    }

    private <K extends Comparable<K>> Html breakdown(
            String title, Function<Judged, K> group, Function<K, String> name) {
        Map<K, List<Judged>> groups =
                questions.stream().collect(Collectors.groupingBy(group, TreeMap::new, Collectors.toList()));
        return Html.table(
                List.of(title, "Questions", "Exact before", "Exact after", "F1 before", "F1 after"),
                groups.entrySet().stream()
                        .map(each -> List.of(
                                name.apply(each.getKey()),
                                each.getValue().size(),
                                percent(each.getValue(), Judged::scoreBefore, Score::exact),
                                percent(each.getValue(), Judged::scoreAfter, Score::exact),
                                percent(each.getValue(), Judged::scoreBefore, Score::f1),
                                percent(each.getValue(), Judged::scoreAfter, Score::f1)))
                        .toList());
    }

    private static double percent(List<Judged> group, Function<Judged, Score> score, ToDoubleFunction<Score> number) {
        return 100 * group.stream().map(score).mapToDouble(number).average().orElse(Double.NaN);
    }

    private Html table() {
        return Html.table(
                List.of("Question", "Reference", "Before", "After", "F1 before", "F1 after", "Loss"),
                worst.stream()
                        .map(wrong -> List.of(
                                wrong.question().question(),
                                wrong.question().references().stream()
                                        .distinct()
                                        .collect(Collectors.joining(" | ")),
                                wrong.question().before(),
                                wrong.question().after(),
                                100 * wrong.question().scoreBefore().f1(),
                                100 * wrong.question().scoreAfter().f1(),
                                wrong.loss()))
                        .toList());
    }
}
