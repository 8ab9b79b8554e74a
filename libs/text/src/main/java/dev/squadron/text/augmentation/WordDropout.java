package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leaves out words: in the context those that hold no part of an answer, in the question those that are neither question words nor
 * names nor numbers. What denies stays in both.
 *
 * @param rate probability that a word is left out
 */
record WordDropout(double rate) implements Technique {
    private static final Pattern WORD = Pattern.compile("\\S+\\s*", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern LAST_MARKS = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+$");

    @Override
    public String name() {
        return "word_dropout";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        String question = question(record.question(), random);
        Optional<QaRecord> other = ContextEdit.words(
                record, WORD, word -> random.nextDouble() < rate && !QuestionWords.isDenial(word) ? "" : word);
        if (question.equals(record.question())) {
            return other;
        }
        return ContextEdit.checked(other.orElse(record).withQuestion(question));
    }

    /** The marks at the end, and the first word, stay. */
    private String question(String question, SplittableRandom random) {
        Matcher marks = LAST_MARKS.matcher(question);
        int end = marks.find() ? marks.start() : question.length();
        Matcher words = WORD.matcher(question.substring(0, end));
        StringBuilder kept = new StringBuilder();
        for (boolean first = true; words.find(); first = false) {
            boolean chosen = random.nextDouble() < rate;
            if (first || !chosen || QuestionWords.isKey(words.group())) {
                kept.append(words.group());
            }
        }
        return kept.toString().stripTrailing() + question.substring(end);
    }
}
