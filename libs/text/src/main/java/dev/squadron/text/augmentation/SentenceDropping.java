package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Leaves out sentences of the context that hold no part of an answer.
 *
 * @param rate probability that a sentence is left out
 */
record SentenceDropping(double rate) implements Technique {
    @Override
    public String name() {
        return "drop_sentences";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        List<Sentence> kept = Sentence.of(record).stream()
                .filter(sentence -> random.nextDouble() >= rate || sentence.answer())
                .toList();
        ContextEdit edit = new ContextEdit(record);
        for (int i = 0; i < kept.size(); i++) {
            Sentence sentence = kept.get(i);
            edit.keep(sentence.from(), i == kept.size() - 1 ? sentence.end() : sentence.next());
        }
        return edit.result();
    }
}
