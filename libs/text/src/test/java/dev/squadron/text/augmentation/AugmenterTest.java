package dev.squadron.text.augmentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.CheckedRecord;
import dev.squadron.contracts.record.Origin;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Split;
import dev.squadron.contracts.run.Augmentation;
import dev.squadron.contracts.run.Augmentation.Paraphrase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class AugmenterTest {
    private static final Augmentation EVERYTHING = new Augmentation(2.0, Paraphrase.RULES, 0.4, 0.5, 0.2, 0.2);
    private static final String DENIAL = "(?is).*(?<![\\p{L}\\p{M}\\p{N}])(not|never|didn't)(?![\\p{L}\\p{M}\\p{N}]).*";

    @Property(tries = 500)
    void everyTechniqueKeepsEveryAnswerInItsPlace(
            @ForAll("records") QaRecord record, @ForAll("records") QaRecord other, @ForAll long seed) {
        RecentPassages passages = new RecentPassages();
        passages.add(other.context());
        for (Technique technique : List.of(
                new RuleParaphrase(),
                new SentenceDropping(0.5),
                new SentenceShuffling(1),
                new Distractors(0.5, passages),
                new TypingErrors(0.5),
                new WordDropout(0.5))) {
            Optional<QaRecord> varied = technique.vary(record, new SplittableRandom(seed));

            varied.ifPresent(each -> {
                assertKeepsItsAnswers(record, each);
                assertThat(each).as(technique.name()).isNotEqualTo(record);
                assertThat(each.question().matches(DENIAL))
                        .isEqualTo(record.question().matches(DENIAL));
            });
            assertThat(technique.vary(record, new SplittableRandom(seed))).isEqualTo(varied);
        }
    }

    @Property(tries = 500)
    void everyCopyKeepsEveryAnswerAndSaysWhatItCameFrom(@ForAll("records") QaRecord record, @ForAll long seed) {
        List<QaRecord> copies = new Augmenter(EVERYTHING, seed).copies(record);

        assertThat(copies).hasSizeLessThanOrEqualTo(2);
        for (QaRecord copy : copies) {
            assertKeepsItsAnswers(record, copy);
            Origin origin = copy.origin();
            assertThat(copy.id()).isEqualTo(record.id() + "~" + origin.copy());
            assertThat(origin.id()).isEqualTo(record.id());
            assertThat(origin.seed()).isEqualTo(seed);
            assertThat(origin.techniques().contains("paraphrase_rules"))
                    .isEqualTo(!RuleParaphrase.paraphrases(record.question()).isEmpty());
        }
        assertThat(copies).doesNotHaveDuplicates();
    }

    @Test
    void whatIsMadeOfARecordDependsOnSeedAndIdAlone() {
        Augmentation plan = new Augmentation(1.5, Paraphrase.RULES, 0.3, 0.5, 0.0, 0.1);
        List<QaRecord> records = IntStream.range(0, 200)
                .mapToObj(i -> ferry("handbook-" + i, Split.TRAIN))
                .toList();
        List<QaRecord> backwards = new ArrayList<>(records);
        Collections.reverse(backwards);

        List<QaRecord> copies = copies(plan, 7, records);

        assertThat(copies(plan, 7, backwards)).containsExactlyInAnyOrderElementsOf(copies);
        assertThat(copies(plan, 8, records)).isNotEqualTo(copies);
        assertThat(copies).hasSizeBetween(260, 340);
    }

    @Test
    void sentencesOfOtherPassagesComeFromThoseBefore() {
        Augmentation plan = new Augmentation(1.0, Paraphrase.NONE, 0.0, 0.0, 0.4, 0.0);
        List<QaRecord> records = IntStream.range(0, 40)
                .mapToObj(i -> new QaRecord(
                        "harbour",
                        "p" + i,
                        Split.TRAIN,
                        "Who keeps lamp " + i + "?",
                        "Keeper" + i + " trims the wick. Rope " + i + " is tarred in spring.",
                        List.of(new Answer("Keeper" + i, 0)),
                        false))
                .toList();

        List<QaRecord> copies = copies(plan, 1, records);

        assertThat(copies(plan, 1, records)).isEqualTo(copies);
        assertThat(copies.get(0).origin().techniques()).containsExactly("noise");
        assertThat(copies)
                .filteredOn(copy -> copy.origin().techniques().contains("distractors"))
                .hasSizeGreaterThan(10)
                .allSatisfy(copy -> assertThat(copy.context().split("Keeper|eeper", -1).length)
                        .isLessThanOrEqualTo(4));
    }

    @Test
    void validationAndCopiesAreLeftAlone() {
        QaRecord copy =
                ferry("a~1", Split.TRAIN).madeFrom(new Origin("a", List.of("paraphrase_model"), null, null), "a~1");

        assertThat(copies(EVERYTHING, 0, List.of(ferry("b", Split.VALIDATION), copy)))
                .isEmpty();
    }

    @Test
    void aRecordThatCannotBeVariedHasNoCopy() {
        QaRecord bare = new QaRecord("d", "1", Split.TRAIN, "Ada", "Ada", List.of(new Answer("Ada", 0)), false);

        assertThat(new Augmenter(EVERYTHING, 0).copies(bare)).isEmpty();
    }

    @Test
    void offsetsCountCodePointsBehindWhatWasDropped() {
        String context = "🚢 One ferry sank. Two rowed 🚣. Ada keeps the light. It is old.";
        QaRecord record = new QaRecord(
                "d",
                "1",
                Split.TRAIN,
                "Who keeps it?",
                context,
                List.of(new Answer("Ada", context.codePointCount(0, context.indexOf("Ada")))),
                false);

        QaRecord varied =
                new SentenceDropping(1).vary(record, new SplittableRandom(0)).orElseThrow();

        assertThat(varied.context()).isEqualTo("Ada keeps the light.");
        assertThat(varied.answers()).containsExactly(new Answer("Ada", 0));
    }

    @Test
    void sentencesThatAnAnswerJoinsStayTogether() {
        String context = "It rains. It pours. It ends. Nobody swims. All sing.";
        QaRecord record =
                new QaRecord("d", "1", Split.TRAIN, "What?", context, List.of(new Answer("pours. It ends", 13)), false);

        for (int seed = 0; seed < 50; seed++) {
            Optional<QaRecord> varied = new SentenceShuffling(1).vary(record, new SplittableRandom(seed));
            assertThat(varied.map(QaRecord::context).orElse(context)).contains("It pours. It ends.");
        }
    }

    private static List<QaRecord> copies(Augmentation plan, long seed, List<QaRecord> records) {
        Augmenter augmenter = new Augmenter(plan, seed);
        return records.stream()
                .flatMap(record -> augmenter.copies(record).stream())
                .toList();
    }

    private static QaRecord ferry(String id, Split split) {
        return new QaRecord(
                "harbour",
                id,
                split,
                "What is the name of the captain?",
                "The ferry leaves at noon. Anna Berg is its captain. It has two masts. The crew sleeps ashore.",
                List.of(new Answer("Anna Berg", 26), new Answer("Berg", 31)),
                false);
    }

    private static void assertKeepsItsAnswers(QaRecord record, QaRecord varied) {
        try {
            assertThat(QaRecordCodec.check(varied)).isEqualTo(new CheckedRecord(varied, false));
        } catch (InvalidMessage e) {
            throw new AssertionError(e);
        }
        assertThat(varied.answers().stream().map(Answer::text))
                .containsExactlyElementsOf(
                        record.answers().stream().map(Answer::text).toList());
        int[] context = varied.context().codePoints().toArray();
        for (Answer answer : varied.answers()) {
            int length = answer.text().codePointCount(0, answer.text().length());
            assertThat(new String(context, answer.answerStart(), length)).isEqualTo(answer.text());
        }
        assertThat(varied.split()).isEqualTo(record.split());
    }

    @Provide
    Arbitrary<QaRecord> records() {
        Arbitrary<String> context = sentences().map(text -> text + "🚢.");
        Arbitrary<String> question = Arbitraries.oneOf(
                Arbitraries.of(
                        "Who keeps the light?",
                        "What is the name of the 🚢 ferry?",
                        "Why did Ada not swim in 1871?",
                        "In what year was the tower built?"),
                sentences().map(text -> "x " + text));
        return Combinators.combine(
                        context,
                        question,
                        Arbitraries.randoms(),
                        Arbitraries.integers().between(0, 4))
                .as((text, asked, random, answers) -> {
                    int length = text.codePointCount(0, text.length());
                    List<Answer> placed = new ArrayList<>();
                    for (int i = 0; i < answers; i++) {
                        int from = random.nextInt(length);
                        int to = from + 1 + random.nextInt(Math.min(length - from, 30));
                        String words = text.substring(text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to));
                        if (!words.isBlank()) {
                            placed.add(new Answer(words, from));
                        }
                    }
                    return new QaRecord("d", "r", Split.TRAIN, asked, text, placed, placed.isEmpty());
                });
    }

    /** Words of several scripts, with marks that join the letter before them, and all kinds of white space. */
    private static Arbitrary<String> sentences() {
        Arbitrary<String> word = Arbitraries.oneOf(
                Arbitraries.of(
                        "keeper", "light", "not", "Never", "cafe\u0301", "o\u0308de", "👩‍🚀", "🚢", "東京", "1871", "½"),
                Arbitraries.strings()
                        .withChars("aeiouk\u0301\u0308\u00e9\u00df".toCharArray())
                        .ofMinLength(1)
                        .ofMaxLength(9));
        Arbitrary<String> gap = Arbitraries.frequency(
                Tuple.of(8, " "),
                Tuple.of(4, ". "),
                Tuple.of(1, "?  "),
                Tuple.of(1, "\n\n"),
                Tuple.of(1, "\u00a0"),
                Tuple.of(1, "-"),
                Tuple.of(1, "\u0301 "));
        return Combinators.combine(word, gap)
                .as(String::concat)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }
}
