package dev.squadron.seq2seq.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.seq2seq.t5.RelativePosition;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Each distance falls into the bucket that transformers puts it into. */
class RelativePositionGoldenTest {
    @Test
    void agrees() throws IOException {
        JsonNode reference = new ObjectMapper()
                .readTree(Golden.suite().resolve("relative_buckets.json").toFile());
        assertThat(reference.get("tables")).isNotEmpty().allSatisfy(table -> {
            int[] expected = Golden.ints(table.get("buckets"));
            int[] actual = new int[expected.length];
            for (int i = 0; i < actual.length; i++) {
                actual[i] = RelativePosition.bucket(
                        reference.get("first_distance").intValue() + i,
                        table.get("bidirectional").booleanValue(),
                        table.get("num_buckets").intValue(),
                        table.get("max_distance").intValue());
            }
            assertThat(actual).isEqualTo(expected);
        });
    }
}
