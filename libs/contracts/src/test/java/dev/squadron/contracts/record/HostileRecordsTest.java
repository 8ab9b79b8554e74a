package dev.squadron.contracts.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each line of {@code samples/hostile-records.jsonl} meets the fate that the file beside it foretells. */
class HostileRecordsTest {
    private static final Path SAMPLES = Path.of(System.getProperty("squadron.home"), "samples");

    static Stream<Arguments> lines() throws IOException, InvalidMessage {
        List<byte[]> lines = split(Files.readAllBytes(SAMPLES.resolve("hostile-records.jsonl")));
        JsonNode expected = ContractJson.readTree(Files.readAllBytes(SAMPLES.resolve("hostile-records.expected.json")));
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode fate : expected.isArray() ? expected : expected.get("lines")) {
            byte[] line = lines.get(fate.get("line").intValue() - 1);
            String outcome = fate.get("outcome").textValue();
            String rule = fate.path("rule").asText("");
            if (!outcome.equals("skipped") && !rule.equals("duplicate-id")) {
                cases.add(Arguments.of(fate.get("line").intValue(), outcome, rule, line));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "line {0}: {1} {2}")
    @MethodSource("lines")
    void meetsItsFate(int number, String outcome, String rule, byte[] line) {
        assertThat(judge(line)).isEqualTo(outcome.equals("rejected") ? outcome + " " + rule : outcome);
    }

    private static String judge(byte[] line) {
        try {
            return QaRecordCodec.read(line).mended() ? "mended" : "accepted";
        } catch (InvalidMessage e) {
            return "rejected " + e.rule();
        }
    }

    private static List<byte[]> split(byte[] file) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < file.length; i++) {
            if (file[i] == '\n') {
                lines.add(Arrays.copyOfRange(file, start, i));
                start = i + 1;
            }
        }
        lines.add(Arrays.copyOfRange(file, start, file.length));
        return lines;
    }
}
