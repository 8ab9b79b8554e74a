package dev.squadron.text.metric;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Exact match and F1 as the official scripts of SQuAD 1.1 (Rajpurkar et al., 2016) and 2.0 (Rajpurkar et al., 2018) define them,
 * with Python's rules for letters and white space.
 */
public final class SquadMetric {
    private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]");
    private static final Pattern ARTICLES = Pattern.compile("(?<![\\p{L}\\p{N}_])(a|an|the)(?![\\p{L}\\p{N}_])");
    private static final Pattern WHITE_SPACE =
            Pattern.compile("[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+");

    /** The two versions of the metric. */
    public enum Version {
        /** No common word: F1 is 0, even where both sides are empty. */
        V1,
        /** An empty side: F1 is 1 if both are. */
        V2
    }

    /**
     * The score of an answer.
     *
     * @param exact 1 or 0
     * @param f1 0 to 1
     */
    public record Score(double exact, double f1) {}

    private SquadMetric() {}

    /** Returns the text in lower case, without ASCII punctuation and articles, with single spaces. */
    public static String normalize(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String words = PUNCTUATION.matcher(lower).replaceAll("");
        return String.join(" ", words(ARTICLES.matcher(words).replaceAll(" ")));
    }

    /**
     * Scores a prediction against the reference answers, the best one for each number.
     *
     * @param references none: the question has no answer
     */
    public static Score score(String prediction, List<String> references, Version version) {
        List<String> usable = references;
        if (version == Version.V2) {
            usable = references.stream()
                    .filter(reference -> !normalize(reference).isEmpty())
                    .toList();
        }
        if (usable.isEmpty()) {
            usable = List.of("");
        }
        return new Score(
                best(prediction, usable, (a, b) -> normalize(a).equals(normalize(b)) ? 1 : 0),
                best(prediction, usable, (a, b) -> f1(a, b, version)));
    }

    private static double best(String prediction, List<String> references, ToDoubleBiFunction<String, String> score) {
        return references.stream()
                .mapToDouble(reference -> score.applyAsDouble(prediction, reference))
                .max()
                .orElseThrow();
    }

    private static double f1(String prediction, String reference, Version version) {
        List<String> predicted = words(normalize(prediction));
        List<String> expected = words(normalize(reference));
        if (version == Version.V2 && (predicted.isEmpty() || expected.isEmpty())) {
            return predicted.isEmpty() && expected.isEmpty() ? 1 : 0;
        }
        Map<String, Long> counts = predicted.stream().collect(groupingBy(Function.identity(), counting()));
        long common = expected.stream().collect(groupingBy(Function.identity(), counting())).entrySet().stream()
                .collect(Collectors.summingLong(
                        word -> Math.min(word.getValue(), counts.getOrDefault(word.getKey(), 0L))));
        if (common == 0) {
            return 0;
        }
        double precision = 1.0 * common / predicted.size();
        double recall = 1.0 * common / expected.size();
        return 2 * precision * recall / (precision + recall);
    }

    private static List<String> words(String text) {
        return Arrays.stream(WHITE_SPACE.split(text))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
