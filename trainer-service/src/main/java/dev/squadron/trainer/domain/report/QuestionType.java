package dev.squadron.trainer.domain.report;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What an English question asks for, by its words; questions of other languages are {@link #OTHER}. */
public enum QuestionType {
    WHAT("what"),
    WHO("who"),
    WHEN("when"),
    WHERE("where"),
    WHICH("which"),
    HOW_MANY("how many, how much"),
    HOW("how"),
    WHY("why"),
    YES_NO("yes or no"),
    OTHER("other");

    private static final Map<String, QuestionType> WORDS = Map.of(
            "what", WHAT, "who", WHO, "whom", WHO, "whose", WHO, "when", WHEN, "where", WHERE, "which", WHICH, "how",
            HOW, "why", WHY);
    private static final Set<String> AUXILIARIES = Set.of(
            "am", "are", "can", "could", "did", "do", "does", "had", "has", "have", "is", "may", "might", "must",
            "shall", "should", "was", "were", "will", "would");
    private static final Set<String> AMOUNTS = Set.of("many", "much");

    private final String label;

    QuestionType(String label) {
        this.label = label;
    }

    /** Returns its name for people. */
    public String label() {
        return label;
    }

    /** Returns the type of a question: yes or no by its first word, else by the first of its words that asks. */
    public static QuestionType of(String question) {
        String[] words = question.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+", -1);
        int first = words.length > 0 && words[0].isEmpty() ? 1 : 0;
        if (first < words.length && AUXILIARIES.contains(words[first])) {
            return YES_NO;
        }
        for (int i = first; i < words.length; i++) {
            String word = words[i];
            if (word.equals("how") && i + 1 < words.length && AMOUNTS.contains(words[i + 1])) {
                return HOW_MANY;
            }
            if (WORDS.containsKey(word)) {
                return WORDS.get(word);
            }
        }
        return OTHER;
    }
}
