package dev.squadron.text.augmentation;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The words that make an English question what it is: what it asks for, what it denies, and the names and numbers in it. */
final class QuestionWords {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");
    private static final Set<String> ASKING =
            Set.of("what", "who", "whom", "whose", "which", "when", "where", "why", "how");
    private static final Set<String> DENYING = Set.of(
            "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without", "except", "cannot", "t");
    private static final int WEIGHTY_LENGTH = 4;

    private QuestionWords() {}

    /** Returns whether a token, with what is attached to it, must stay for the question to stay the same. */
    static boolean isKey(String token) {
        return words(token).stream().anyMatch(word -> isAsking(word) || isDenying(word) || isName(word));
    }

    /** Returns whether a token, with what is attached to it, denies something. */
    static boolean isDenial(String token) {
        return words(token).stream().anyMatch(QuestionWords::isDenying);
    }

    /** Returns whether a word asks. */
    static boolean isAsking(String word) {
        return ASKING.contains(word.toLowerCase(Locale.ROOT));
    }

    /** Returns whether {@code other} asks and denies what {@code question} does, and holds its names and numbers. */
    static boolean keeps(String question, String other) {
        Set<String> held = Set.copyOf(words(other));
        return those(question, QuestionWords::isAsking).equals(those(other, QuestionWords::isAsking))
                && those(question, QuestionWords::isDenying).size()
                        == those(other, QuestionWords::isDenying).size()
                && words(question).stream()
                        .skip(1)
                        .filter(QuestionWords::isName)
                        .allMatch(held::contains);
    }

    /** Returns the words of some length, in lower case, that do not ask. */
    static Set<String> weighty(String text) {
        return words(text).stream()
                .filter(word -> word.length() >= WEIGHTY_LENGTH && !isAsking(word))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isDenying(String word) {
        return DENYING.contains(word.toLowerCase(Locale.ROOT));
    }

    /** A name begins with a capital, a number has digits. */
    private static boolean isName(String word) {
        return !isAsking(word) && word.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isDigit(c));
    }

    private static List<String> those(String text, Predicate<String> kind) {
        return words(text).stream()
                .filter(kind)
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static List<String> words(String text) {
        return WORD.matcher(text).results().map(MatchResult::group).toList();
    }
}
