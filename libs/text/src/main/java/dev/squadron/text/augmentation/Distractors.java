package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Puts sentences of other passages into the context. Such a sentence holds none of the answers and at most one word of weight of
 * the question, so that it does not answer it too. An impossible question is left alone: it might become possible.
 */
final class Distractors implements Technique {
    private static final int TRIES = 8;

    private final double rate;
    private final RecentPassages passages;

    /**
     * Takes sentences from {@code passages}.
     *
     * @param rate probability that one is put in behind a sentence
     */
    Distractors(double rate, RecentPassages passages) {
        this.rate = rate;
        this.passages = passages;
    }

    @Override
    public String name() {
        return "distractors";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        List<String> others = record.impossible() ? List.of() : passages.sentencesBeside(record.context());
        if (others.isEmpty()) {
            return Optional.empty();
        }
        Set<String> asked = QuestionWords.weighty(record.question());
        ContextEdit edit = new ContextEdit(record);
        for (Sentence sentence : Sentence.of(record)) {
            edit.keep(sentence.from(), sentence.end());
            if (random.nextDouble() < rate) {
                harmless(record, asked, others, random).ifPresent(words -> edit.insert(" " + words));
            }
            edit.keep(sentence.end(), sentence.next());
        }
        return edit.result();
    }

    private static Optional<String> harmless(
            QaRecord record, Set<String> asked, List<String> sentences, SplittableRandom random) {
        return random.ints(TRIES, 0, sentences.size())
                .mapToObj(sentences::get)
                .filter(sentence -> isHarmless(record, asked, sentence))
                .findFirst();
    }

    private static boolean isHarmless(QaRecord record, Set<String> asked, String sentence) {
        String lower = sentence.toLowerCase(Locale.ROOT);
        long common =
                QuestionWords.weighty(sentence).stream().filter(asked::contains).count();
        return common <= 1
                && record.answers().stream()
                        .map(Answer::text)
                        .noneMatch(answer -> lower.contains(answer.strip().toLowerCase(Locale.ROOT)));
    }
}
