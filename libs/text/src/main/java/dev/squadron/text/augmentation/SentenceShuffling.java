package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Puts the sentences of the context in another order; the white space between them stays where it is.
 *
 * @param rate probability that it does
 */
record SentenceShuffling(double rate) implements Technique {
    @Override
    public String name() {
        return "shuffle_sentences";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        if (random.nextDouble() >= rate) {
            return Optional.empty();
        }
        List<Sentence> places = Sentence.of(record);
        List<Sentence> order = new ArrayList<>(places);
        for (int i = order.size() - 1; i > 0; i--) {
            order.set(i, order.set(random.nextInt(i + 1), order.get(i)));
        }
        ContextEdit edit = new ContextEdit(record);
        for (int i = 0; i < places.size(); i++) {
            edit.keep(order.get(i).from(), order.get(i).end());
            edit.keep(places.get(i).end(), places.get(i).next());
        }
        return edit.result();
    }
}
