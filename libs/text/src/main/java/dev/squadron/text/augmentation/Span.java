package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.List;

/**
 * A stretch of a text, in UTF-16 units.
 *
 * @param from its first unit
 * @param to the unit behind its last
 */
record Span(int from, int to) {

    /** Returns where the answers of a record stand, in their order. */
    static List<Span> ofAnswers(QaRecord record) {
        return record.answers().stream()
                .map(answer -> {
                    int from = record.context().offsetByCodePoints(0, answer.answerStart());
                    return new Span(from, from + answer.text().length());
                })
                .toList();
    }

    boolean overlaps(Span other) {
        return from < other.to && other.from < to;
    }

    boolean overlapsAny(List<Span> others) {
        return others.stream().anyMatch(this::overlaps);
    }
}
