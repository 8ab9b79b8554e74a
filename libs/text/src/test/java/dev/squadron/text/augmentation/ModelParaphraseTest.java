package dev.squadron.text.augmentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.Origin;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelParaphraseTest {
    private static final String QUESTION = "Who did Ada Berg not meet in 1871?";

    @Test
    void keepsTheFirstParaphraseThatStillLeadsToTheAnswer() {
        ModelParaphrase.Result result = ModelParaphrase.of(
                List.of(record("1", Split.TRAIN)),
                new Parrot(
                        List.of(
                                QUESTION,
                                "who did ada berg not meet, in 1871?",
                                "Who did Ada Berg meet in 1871?",
                                "Who did Ada Berg not meet?",
                                "Where did Ada Berg not go in 1871?",
                                "Ada Berg did not meet whom in 1871?",
                                "Tell me who Ada Berg did not meet in 1871",
                                "In 1871 Ada Berg did not greet who?",
                                "In 1871, who did Ada Berg not meet?",
                                "Who was it that Ada Berg did not meet in 1871?"),
                        Map.of(
                                "In 1871, who did Ada Berg not meet?", "the mayor.",
                                "Who was it that Ada Berg did not meet in 1871?", "Mayor")));

        assertThat(result.copies()).singleElement().satisfies(copy -> {
            assertThat(copy.question()).isEqualTo("In 1871, who did Ada Berg not meet?");
            assertThat(copy.origin()).isEqualTo(new Origin("1", List.of("paraphrase_model"), null, null));
            assertThat(copy.id()).isEqualTo("1~model");
            assertThat(copy.answers()).isEqualTo(record("1", Split.TRAIN).answers());
        });
        assertThat(result.proposed()).isEqualTo(10);
        assertThat(result.wellFormed()).isEqualTo(3);
    }

    @Test
    void asksNothingAboutTheValidationSplit() {
        ModelParaphrase.Result result = ModelParaphrase.of(
                List.of(record("1", Split.VALIDATION)),
                new Parrot(List.of("Who, in 1871, did Ada Berg not meet?"), Map.of()));

        assertThat(result).isEqualTo(new ModelParaphrase.Result(List.of(), 0, 0));
    }

    private static QaRecord record(String id, Split split) {
        return new QaRecord(
                "d",
                id,
                split,
                QUESTION,
                "In 1871 Ada Berg did not meet the mayor.",
                List.of(new Answer("the mayor", 30)),
                false);
    }

    /** Says the same of every question. */
    private record Parrot(List<String> paraphrases, Map<String, String> answers) implements ModelParaphrase.Model {
        @Override
        public List<List<String>> paraphrase(List<String> questions) {
            return questions.stream().map(question -> paraphrases).toList();
        }

        @Override
        public List<String> answer(List<QaRecord> records) {
            return records.stream()
                    .map(record -> answers.getOrDefault(record.question(), "Ada"))
                    .toList();
        }
    }
}
