package dev.squadron.ingest.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.ingest.domain.Candidate;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.SourceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatsTest {
    /** The columns of SQuAD on the hub. */
    private static final MessageType SQUAD = MessageTypeParser.parseMessageType(
            """
            message schema {
              optional binary id (STRING);
              optional binary title (STRING);
              optional binary context (STRING);
              optional binary question (STRING);
              optional group answers {
                optional group text (LIST) { repeated group list { optional binary element (STRING); } }
                optional group answer_start (LIST) { repeated group list { optional int32 element; } }
              }
            }""");

    private static final QaRecord ADA = new QaRecord(
            "harbour",
            "1",
            Split.VALIDATION,
            "Who keeps the light?",
            "Ada keeps the light.",
            List.of(new Answer("Ada", 0), new Answer("light", 14)),
            false);

    @TempDir
    private Path directory;

    @Test
    void readsSquadsParquetOfTheHub() throws Exception {
        Path file = directory.resolve("validation-00000-of-00001.parquet");
        write(file);

        List<QaRecord> records = read(Formats.read(source("parquet", "validation", Map.of()), file, "harbour"));

        assertThat(records).hasSize(2);
        assertThat(records.get(0)).isEqualTo(ADA);
        assertThat(records.get(1).impossible()).isTrue();
    }

    @Test
    void mapsTheColumnsOfJsonLines() throws Exception {
        String lines =
                """
                {"meta":{"key":"1"},"q":"Who keeps the light?","passage":"Ada keeps the light.","a":["Ada","light"],"at":[0,14]}

                """;

        List<QaRecord> records = read(Formats.read(
                source(
                        "jsonl",
                        "validation",
                        Map.of(
                                "id", "meta.key",
                                "question", "q",
                                "context", "passage",
                                "answers.text", "a",
                                "answers.answer_start", "at")),
                new ByteArrayInputStream(lines.getBytes(UTF_8)),
                "harbour"));

        assertThat(records).containsExactly(ADA);
    }

    @Test
    void takesAnAnswerThatIsATextAlone() throws Exception {
        String line = "{\"id\":\"1\",\"question\":\"Who?\",\"context\":\"Ada.\",\"answer\":\"Ada\"}";

        List<QaRecord> records = read(Formats.read(
                source("jsonl", null, Map.of("answers.text", "answer")),
                new ByteArrayInputStream(line.getBytes(UTF_8)),
                "harbour"));

        assertThat(records).singleElement().satisfies(record -> {
            assertThat(record.answers()).containsExactly(new Answer("Ada", 0));
            assertThat(record.split()).isEqualTo(Split.TRAIN);
        });
    }

    @Test
    void namesTheFieldsThatThereAreNot() {
        assertThatThrownBy(() -> Formats.read(
                        source("jsonl", null, Map.of("quesion", "q")),
                        new ByteArrayInputStream(new byte[0]),
                        "harbour"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("[quesion]")
                .hasMessageContaining("question");
    }

    @ParameterizedTest
    @CsvSource({"a.json,squad", "A.JSONL,jsonl", "b.ndjson,jsonl", "c.parquet,parquet", "upload:ab,squad"})
    void guessesTheFormatByTheName(String name, String format) {
        assertThat(Formats.of(null, name)).isEqualTo(format);
    }

    @Test
    void refusesAFormatThatThereIsNot() {
        assertThatThrownBy(() -> Formats.of("csv", "a.csv")).hasMessageContaining("[squad, jsonl, parquet]");
    }

    private static Source source(String format, String split, Map<String, String> columns) {
        return new Source("test", format, null, split, columns);
    }

    private static List<QaRecord> read(Candidates candidates) throws InvalidMessage, IOException {
        List<QaRecord> records = new ArrayList<>();
        try (candidates) {
            while (candidates.hasNext()) {
                Candidate candidate = candidates.next();
                records.add(candidate.check().record());
            }
        }
        return records;
    }

    private static void write(Path file) throws IOException {
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withConf(new PlainParquetConfiguration())
                .withType(SQUAD)
                .build()) {
            writer.write(row("1", List.of("Ada", "light"), List.of(0, 14)));
            writer.write(row("2", List.of(), List.of()));
        }
    }

    private static Group row(String id, List<String> texts, List<Integer> starts) {
        Group row = new SimpleGroup(SQUAD);
        row.append("id", id).append("title", "t").append("context", "Ada keeps the light.");
        row.append("question", "Who keeps the light?");
        Group answers = row.addGroup("answers");
        Group textList = answers.addGroup("text");
        texts.forEach(text -> textList.addGroup("list").append("element", text));
        Group startList = answers.addGroup("answer_start");
        starts.forEach(start -> startList.addGroup("list").append("element", start));
        return row;
    }
}
