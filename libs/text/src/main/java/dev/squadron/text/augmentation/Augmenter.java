package dev.squadron.text.augmentation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.record.Origin;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.contracts.run.Augmentation;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Makes augmented copies of the training records of a data set, as easy data augmentation (Wei and Zou, 2019) does for classification,
 * with rules that keep the answer. A copy goes through all techniques of the plan in their order, each with its own rate. What is
 * made of a record is a function of seed, record and the number of the copy, and for sentences from other passages of the passages
 * before it: a restart that reads the same records from their beginning makes the same copies. Not thread-safe.
 */
public final class Augmenter {
    /** How often a copy is tried anew that chance has left as its record was. */
    private static final int TRIES = 8;

    private final double mix;
    private final long seed;
    private final List<Technique> techniques;
    private final RecentPassages passages = new RecentPassages();
    private boolean lacksModelParaphrases;

    /**
     * Follows a plan.
     *
     * @param seed of every random choice
     */
    public Augmenter(Augmentation plan, long seed) {
        this.mix = plan.mix();
        this.seed = seed;
        this.lacksModelParaphrases = plan.paraphrase() == Augmentation.Paraphrase.MODEL;
        List<Technique> on = new ArrayList<>();
        if (plan.paraphrase() == Augmentation.Paraphrase.RULES) {
            on.add(new RuleParaphrase());
        }
        on.add(new SentenceDropping(plan.dropSentences()));
        on.add(new SentenceShuffling(plan.shuffleSentences()));
        on.add(new Distractors(plan.noise(), passages));
        on.add(new TypingErrors(plan.noise()));
        on.add(new WordDropout(plan.wordDropout()));
        this.techniques = List.copyOf(on);
    }

    /**
     * Returns the copies of a record that was checked; none for one of the validation split or that is a copy itself. Each keeps
     * every rule, has all reference answers, differs from the record and from the other copies, and says what it came from.
     */
    public List<QaRecord> copies(QaRecord record) {
        if (record.origin() != null) {
            lacksModelParaphrases &= !record.origin().techniques().contains(ModelParaphrase.NAME);
            return List.of();
        }
        if (record.split() != Split.TRAIN) {
            return List.of();
        }
        passages.add(record.context());
        List<QaRecord> copies = new ArrayList<>();
        int count = count(record);
        for (int number = 1; number <= count; number++) {
            copy(record, number, copies).ifPresent(copies::add);
        }
        return copies;
    }

    /**
     * Returns whether the plan counts on paraphrases by a model and no record so far was one: they come with the data set, made
     * where a model is.
     */
    public boolean lacksModelParaphrases() {
        return lacksModelParaphrases;
    }

    /** The whole part of the mix for every record, and one more for the broken part's share of them. */
    private int count(QaRecord record) {
        return (int) (mix + random(record.id(), 0).nextDouble());
    }

    private Optional<QaRecord> copy(QaRecord record, int number, List<QaRecord> others) {
        SplittableRandom random = random(record.id(), number);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            QaRecord varied = record;
            List<String> done = new ArrayList<>();
            for (Technique technique : techniques) {
                Optional<QaRecord> next = technique.vary(varied, random.split());
                if (next.isPresent()) {
                    varied = next.get();
                    done.add(technique.name());
                }
            }
            QaRecord made = varied;
            if (!done.isEmpty() && others.stream().noneMatch(other -> isSame(other, made))) {
                return ContextEdit.checked(
                        made.madeFrom(new Origin(record.id(), done, seed, number), record.id() + "~" + number));
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(QaRecord one, QaRecord other) {
        return one.question().equals(other.question()) && one.context().equals(other.context());
    }

    private SplittableRandom random(String id, int number) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest((seed + " " + number + " " + id).getBytes(UTF_8));
            return new SplittableRandom(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
