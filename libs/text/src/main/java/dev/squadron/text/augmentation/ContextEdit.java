package dev.squadron.text.augmentation;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A context written anew from stretches of the old one and from words of its own. An answer lives on where one unbroken run of
 * old text holds all of it; its offset is counted again from there.
 */
final class ContextEdit {
    private final QaRecord record;
    private final StringBuilder text = new StringBuilder();
    private final List<Run> runs = new ArrayList<>();

    /** Old text from {@code from} to {@code to} that stands at {@code at} now. */
    private record Run(int from, int to, int at) {
        boolean holds(Span span) {
            return from <= span.from() && span.to() <= to;
        }
    }

    ContextEdit(QaRecord record) {
        this.record = record;
    }

    /** Appends old text. */
    void keep(int from, int to) {
        int last = runs.size() - 1;
        boolean goesOn = last >= 0
                && runs.get(last).to() == from
                && runs.get(last).at() + from - runs.get(last).from() == text.length();
        if (goesOn) {
            runs.set(last, new Run(runs.get(last).from(), to, runs.get(last).at()));
        } else {
            runs.add(new Run(from, to, text.length()));
        }
        text.append(record.context(), from, to);
    }

    /** Appends new text. */
    void insert(String words) {
        text.append(words);
    }

    /** Returns the record with the new context; empty where that is the old one, loses an answer or breaks a rule. */
    Optional<QaRecord> result() {
        String context = text.toString();
        if (context.equals(record.context())) {
            return Optional.empty();
        }
        List<Answer> placed = new ArrayList<>();
        List<Span> spans = Span.ofAnswers(record);
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            Optional<Run> holder = runs.stream().filter(run -> run.holds(span)).findFirst();
            if (holder.isEmpty()) {
                return Optional.empty();
            }
            int from = holder.get().at() + span.from() - holder.get().from();
            placed.add(new Answer(record.answers().get(i).text(), context.codePointCount(0, from)));
        }
        return checked(record.withContext(context, placed));
    }

    /**
     * Changes words outside the answers.
     *
     * @param word finds what may change
     * @param change is asked in the order of the text, also about words of an answer, which stay whatever it returns
     * @return as {@link #result}
     */
    static Optional<QaRecord> words(QaRecord record, Pattern word, UnaryOperator<String> change) {
        List<Span> answers = Span.ofAnswers(record);
        ContextEdit edit = new ContextEdit(record);
        Matcher words = word.matcher(record.context());
        int done = 0;
        while (words.find()) {
            String changed = change.apply(words.group());
            if (!changed.equals(words.group()) && !new Span(words.start(), words.end()).overlapsAny(answers)) {
                edit.keep(done, words.start());
                edit.insert(changed);
                done = words.end();
            }
        }
        edit.keep(done, record.context().length());
        return edit.result();
    }

    /** Returns the record where it keeps every rule as it is. */
    static Optional<QaRecord> checked(QaRecord record) {
        try {
            return QaRecordCodec.check(record).mended() ? Optional.empty() : Optional.of(record);
        } catch (InvalidMessage e) {
            return Optional.empty();
        }
    }
}
