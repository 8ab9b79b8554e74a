package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A sentence of a context; those that one answer joins are one.
 *
 * @param from its first UTF-16 unit
 * @param end behind its last unit that is no white space
 * @param next where the next one begins
 * @param answer whether an answer, or a part of one, stands in it
 */
record Sentence(int from, int end, int next, boolean answer) {

    /** Returns the sentences of a record's context, in order, without a gap. */
    static List<Sentence> of(QaRecord record) {
        return of(record.context(), Span.ofAnswers(record));
    }

    /** Returns the sentences of a text with answers at {@code answers}, in order, without a gap. */
    static List<Sentence> of(String context, List<Span> answers) {
        BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        breaks.setText(context);
        List<Sentence> sentences = new ArrayList<>();
        int from = 0;
        for (int next = breaks.next(); next != BreakIterator.DONE; next = breaks.next()) {
            int cut = next;
            if (answers.stream().noneMatch(answer -> answer.from() < cut && cut < answer.to())) {
                sentences.add(at(new Span(from, next), context, answers));
                from = next;
            }
        }
        return sentences;
    }

    private static Sentence at(Span span, String context, List<Span> answers) {
        int length = context.substring(span.from(), span.to()).stripTrailing().length();
        return new Sentence(span.from(), span.from() + length, span.to(), span.overlapsAny(answers));
    }
}
