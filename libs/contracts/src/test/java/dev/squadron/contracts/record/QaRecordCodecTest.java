package dev.squadron.contracts.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squadron.contracts.InvalidMessage;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QaRecordCodecTest {
    @Property
    void readsBackWhatItWrote(
            @ForAll @StringLength(min = 1, max = 60) String before, @ForAll @IntRange(max = 1000) int id)
            throws InvalidMessage {
        String context = printable(before) + " 🚢 Ada keeps the light.";
        QaRecord record = new QaRecord(
                "harbour",
                "id-" + id,
                Split.VALIDATION,
                "Who keeps it?",
                context,
                List.of(new Answer("🚢 Ada", context.codePointCount(0, context.lastIndexOf("🚢 Ada")))),
                false);

        assertThat(QaRecordCodec.read(QaRecordCodec.write(record))).isEqualTo(new CheckedRecord(record, false));
    }

    @Property
    void neverThrowsAnythingButInvalidMessage(@ForAll byte[] bytes) {
        try {
            QaRecordCodec.read(bytes);
        } catch (InvalidMessage e) {
            assertThat(e.rule()).matches("[a-z0-9]+(-[a-z0-9]+)*");
        }
    }

    @Test
    void readsBackWhatARecordWasMadeFrom() throws InvalidMessage {
        QaRecord record = new QaRecord(
                "harbour",
                "1~2",
                Split.TRAIN,
                "Who keeps it?",
                "Ada keeps the light.",
                List.of(new Answer("Ada", 0)),
                false,
                new Origin("1", List.of("noise", "word_dropout"), 7L, 2));

        assertThat(QaRecordCodec.read(QaRecordCodec.write(record))).isEqualTo(new CheckedRecord(record, false));
    }

    @Test
    void mendsAnOffsetOfUtf16Units() throws InvalidMessage {
        CheckedRecord checked =
                QaRecordCodec.read(record("\"🚢🚢 Ada keeps the light.\"", "[{\"text\":\"Ada\",\"answer_start\":5}]"));

        assertThat(checked.mended()).isTrue();
        assertThat(checked.record().answers()).containsExactly(new Answer("Ada", 3));
    }

    @Test
    void mendsAMissingOffset() throws InvalidMessage {
        CheckedRecord checked = QaRecordCodec.read(record("\"Ada keeps the light.\"", "[{\"text\":\"light\"}]"));

        assertThat(checked.mended()).isTrue();
        assertThat(checked.record().answers()).containsExactly(new Answer("light", 14));
    }

    @Test
    void takesTheTrainingSplitWhereNoneIsNamed() throws InvalidMessage {
        assertThat(QaRecordCodec.read(record("\"Ada.\"", "[{\"text\":\"Ada\",\"answer_start\":0}]"))
                        .record()
                        .split())
                .isEqualTo(Split.TRAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            not-json              | {"dataset":
            not-json              | {} {}
            wrong-type            | [1]
            wrong-type            | null
            missing-field         | {"dataset":"d","id":"1","question":"q?"}
            wrong-type            | {"dataset":"d","id":1,"question":"q?","context":"c"}
            duplicate-key         | {"dataset":"d","dataset":"e","id":"1","question":"q?","context":"c"}
            bad-name              | {"dataset":"../etc","id":"1","question":"q?","context":"c","is_impossible":true}
            bad-name              | {"dataset":"d","id":"a\\nb","question":"q?","context":"c","is_impossible":true}
            blank                 | {"dataset":"d","id":"1","question":"  ","context":"c","is_impossible":true}
            unknown-split         | {"dataset":"d","id":"1","split":"test","question":"q?","context":"c","is_impossible":true}
            invalid-text          | {"dataset":"d","id":"1","question":"q\\ud800","context":"c","is_impossible":true}
            invalid-text          | {"dataset":"d","id":"1","question":"q\\u0000","context":"c","is_impossible":true}
            no-answer             | {"dataset":"d","id":"1","question":"q?","context":"c"}
            answer-not-in-context | {"dataset":"d","id":"1","question":"q?","context":"c","answers":[{"text":"x","answer_start":0}]}
            ambiguous-offset      | {"dataset":"d","id":"1","question":"q?","context":"c c","answers":[{"text":"c","answer_start":1}]}
            ambiguous-offset      | {"dataset":"d","id":"1","question":"q?","context":"c c","answers":[{"text":"c","answer_start":99999999999}]}
            wrong-type            | {"dataset":"d","id":"1","question":"q?","context":"c","answers":[{"text":"c","answer_start":1.5}]}
            wrong-type            | {"dataset":"d","id":"2","question":"q?","context":"c","is_impossible":true,"origin":"1"}
            missing-field         | {"dataset":"d","id":"2","question":"q?","context":"c","is_impossible":true,"origin":{"techniques":["noise"]}}
            bad-origin            | {"dataset":"d","id":"2","question":"q?","context":"c","is_impossible":true,"origin":{"id":"2","techniques":["noise"]}}
            bad-origin            | {"dataset":"d","id":"2","question":"q?","context":"c","is_impossible":true,"origin":{"id":"1","techniques":[]}}
            bad-origin            | {"dataset":"d","id":"2","question":"q?","context":"c","is_impossible":true,"origin":{"id":"1","techniques":["a b"]}}
            augmented-validation  | {"dataset":"d","id":"2","split":"validation","question":"q?","context":"c","is_impossible":true,"origin":{"id":"1","techniques":["noise"]}}
            """)
    void namesTheBrokenRule(String rule, String json) {
        InvalidMessage refused =
                catchThrowableOfType(InvalidMessage.class, () -> QaRecordCodec.read(json.getBytes(UTF_8)));

        assertThat(refused.rule()).isEqualTo(rule);
        assertThat(refused).hasMessageMatching("(?s).{10,400}");
    }

    @Test
    void refusesBytesThatAreNoUtf8() {
        InvalidMessage refused = catchThrowableOfType(
                InvalidMessage.class, () -> QaRecordCodec.read(new byte[] {'{', '"', (byte) 0xff, '"', '}'}));

        assertThat(refused.rule()).isEqualTo("not-utf8");
    }

    @Test
    void refusesDeepNesting() {
        byte[] deep = ("[".repeat(2000) + "]".repeat(2000)).getBytes(UTF_8);

        assertThat(catchThrowableOfType(InvalidMessage.class, () -> QaRecordCodec.read(deep))
                        .rule())
                .isEqualTo("not-json");
    }

    private static byte[] record(String context, String answers) {
        return ("{\"dataset\":\"harbour\",\"id\":\"1\",\"question\":\"Who?\",\"context\":" + context + ",\"answers\":"
                        + answers + "}")
                .getBytes(UTF_8);
    }

    /** Leaves out what no record may hold. */
    private static String printable(String text) {
        StringBuilder kept = new StringBuilder();
        text.codePoints()
                .filter(c -> c != 0 && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }
}
