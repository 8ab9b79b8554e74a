package dev.squadron.text.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class QaPromptTest {
    private static final int EOS = 1;
    private static Seq2SeqTokenizer tokenizer;
    private static QaPrompt prompt;

    @BeforeAll
    static void open() {
        tokenizer = Seq2SeqTokenizer.open(Path.of(System.getProperty("squadron.home"), "models", "squadlet"));
        prompt = QaPrompt.classic(tokenizer);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void tokenizesTheWholePromptWhereItFits() throws InvalidMessage {
        QaPrompt.Input input = prompt.input("Who keeps the light?", "Ada keeps the light.");

        assertThat(input.truncated()).isFalse();
        assertThat(input.ids())
                .isEqualTo(tokenizer
                        .encode("question: Who keeps the light? context: Ada keeps the light.")
                        .ids());
    }

    @Test
    void cutsTheEndOfTheContextAndKeepsTheEndOfTheSequence() throws InvalidMessage {
        String context = "Ada keeps the light. ".repeat(300);

        QaPrompt.Input input = prompt.input("Who keeps the light?", context);

        int[] whole = tokenizer
                .encode("question: Who keeps the light? context: " + context)
                .ids();
        assertThat(input.truncated()).isTrue();
        assertThat(input.ids())
                .hasSize(512)
                .startsWith(Arrays.copyOf(whole, 511))
                .endsWith(EOS);
    }

    @Test
    void refusesAQuestionThatLeavesNoRoomForTheContext() {
        assertThatThrownBy(() -> prompt.input("Who keeps the light? ".repeat(200), "Ada."))
                .isInstanceOfSatisfying(
                        InvalidMessage.class, e -> assertThat(e.rule()).isEqualTo("question-too-long"));
    }

    @Test
    void readsTheQuestionBackFromTheIds() throws InvalidMessage {
        QaPrompt prompt = QaPrompt.classic(tokenizer);

        assertThat(prompt.question(prompt.input("Who is the captain?", "The captain is Anna.")
                        .ids()))
                .isEqualTo("Who is the captain?");
        assertThat(prompt.question(prompt.labels("Anna Berg"))).isEqualTo("Anna Berg");
    }

    @Test
    void labelsAreTheAnswerAndItsEnd() {
        assertThat(tokenizer.decode(prompt.labels("a grey chit"))).isEqualTo("a grey chit");
        assertThat(prompt.labels("a grey chit")).endsWith(EOS);
        assertThat(prompt.labels("")).containsExactly(EOS);
        assertThat(prompt.labels("a grey chit ".repeat(100))).hasSize(64).endsWith(EOS);
    }
}
