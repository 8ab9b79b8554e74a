package dev.squadron.text.squad;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.record.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquadReaderTest {
    private static final Path SAMPLES = Path.of(System.getProperty("squadron.home"), "samples");

    @Test
    void readsEveryQuestionOfTheHandbook() throws IOException {
        List<SquadQuestion> questions = read(Files.newInputStream(SAMPLES.resolve("handbook-train.json")));

        assertThat(questions).hasSize(439).allSatisfy(question -> {
            Answer answer = question.answers().get(0);
            int start = question.context().offsetByCodePoints(0, answer.answerStart());
            assertThat(question.context().substring(start)).startsWith(answer.text());
        });
    }

    @Test
    void readsImpossibleQuestions() throws IOException {
        List<SquadQuestion> questions = read(Files.newInputStream(SAMPLES.resolve("handbook-v2.json")));

        assertThat(questions).hasSize(72);
        assertThat(questions.stream().filter(SquadQuestion::impossible))
                .hasSize(23)
                .allSatisfy(question -> assertThat(question.answers()).isEmpty());
    }

    @Test
    void takesTheContextWhereverItStandsInTheParagraph() throws IOException {
        String json =
                """
                {"data": [{"paragraphs": [{"qas": [{"id": "1", "question": "Who?", "answers": []}], "context": "Ada."}],
                           "title": "t"}], "version": "1.1"}""";

        assertThat(read(new ByteArrayInputStream(json.getBytes(UTF_8))))
                .containsExactly(new SquadQuestion("1", "Who?", "Ada.", List.of(), false));
    }

    @Test
    void saysWhereTheJsonBreaks() {
        assertThatThrownBy(() -> read(new ByteArrayInputStream("{\"data\": [\n{\"paragraphs\": [}".getBytes(UTF_8))))
                .isInstanceOf(SquadFormatException.class)
                .hasMessageContaining("test.json is not JSON")
                .hasMessageContaining("line 2");
    }

    @Test
    void saysWhatASquadFileIs() {
        assertThatThrownBy(() -> read(new ByteArrayInputStream("{\"rows\": []}".getBytes(UTF_8))))
                .isInstanceOf(SquadFormatException.class)
                .hasMessageContaining("test.json is no SQuAD file")
                .hasMessageContaining("qas");
    }

    private static List<SquadQuestion> read(InputStream in) throws IOException {
        List<SquadQuestion> questions = new ArrayList<>();
        try (SquadReader reader = new SquadReader("test.json", in)) {
            reader.forEachRemaining(questions::add);
        }
        return questions;
    }
}
