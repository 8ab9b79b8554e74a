package dev.squadron.text.augmentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleParaphraseTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            What is the name of the boat?         | Tell me what the name of the boat is.
            Who keeps the light?                  | Tell me who keeps the light.
            Which boat sank in 1890?              | Tell me which boat sank in 1890.
            Who keeps the light?                  | Can you tell me: who keeps the light?
            In what year was it built?            | According to the passage, in what year was it built?
            Why did Ada not swim?                 | Going by the text, why did Ada not swim?
            Why didn't Ada swim?                  | Why did not Ada swim?
            What is it?                           | What's it?
            How often does it run?                | How frequently does it run?
            What kind of craft did they buy?      | What kind of craft did they purchase?
            """)
    void putsAQuestionIntoOtherWords(String question, String other) {
        assertThat(RuleParaphrase.paraphrases(question)).contains(other).doesNotContain(question);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            What is the colour of the boat called?   | Tell me what the colour of the boat called is.
            What is used to clean the lamps?         | Tell me what used to clean the lamps is.
            What colour is the chit?                 | Tell me what colour is the chit.
            What kind of company is Big Kind?        | What kind of firm is large Kind?
            """)
    void doesNotMoveWordsThatItCannotPlace(String question, String wrong) {
        assertThat(RuleParaphrase.paraphrases(question)).isNotEmpty().doesNotContain(wrong);
    }

    @ParameterizedTest
    @CsvSource({"Quelle heure est-il ?", "Ada keeps the light.", "Name the boat.", "東京はどこですか?"})
    void leavesAloneWhatIsNoEnglishQuestion(String question) {
        assertThat(RuleParaphrase.paraphrases(question)).isEmpty();
    }

    @Property
    void neverThrows(@ForAll String question) {
        assertThat(RuleParaphrase.paraphrases("What " + question + "?")).doesNotContainNull();
        assertThat(RuleParaphrase.paraphrases(question)).doesNotContain(question);
    }

    @Test
    void keepsNamesNumbersAndDenials() {
        List<String> paraphrases = RuleParaphrase.paraphrases("Why did Ada Berg not buy 3 big boats near Kilda?");

        assertThat(paraphrases).hasSizeGreaterThan(6).allSatisfy(other -> assertThat(other)
                .contains("Ada Berg", "3", "Kilda")
                .containsPattern("not |n't "));
    }

    @Test
    void findsSomethingForMostQuestionsOfTheHandbook() throws Exception {
        String handbook = Files.readString(Path.of(System.getProperty("squadron.home"), "samples/handbook-train.json"));
        List<String> questions = Pattern.compile("\"question\": \"([^\"]+)\"")
                .matcher(handbook)
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(questions).hasSize(439);
        assertThat(questions.stream()
                        .filter(question -> RuleParaphrase.paraphrases(question).isEmpty()))
                .hasSizeLessThan(44);
    }
}
