package dev.squadron.trainer.domain.report;

import dev.squadron.text.metric.SquadMetric.Score;
import java.util.List;

/**
 * A question of the validation split with its answers before and after training.
 *
 * @param question its text
 * @param references the right answers; none: it has no answer
 * @param before the answer of the model that training started from
 * @param after that of the trained one
 * @param scoreBefore of {@code before}
 * @param scoreAfter of {@code after}
 */
public record Judged(
        String question, List<String> references, String before, String after, Score scoreBefore, Score scoreAfter) {

    /** Returns how long its answer is, as a group of answers of about that length, the shortest first. */
    String length() {
        if (references.isEmpty()) {
            return "0 words";
        }
        int words = references.get(0).strip().split("\\s+", -1).length;
        if (words <= 3) {
            return words == 1 ? "1 word" : words + " words";
        }
        if (words <= 5) {
            return "4 to 5 words";
        }
        return words <= 10 ? "6 to 10 words" : "more than 10 words";
    }
}
