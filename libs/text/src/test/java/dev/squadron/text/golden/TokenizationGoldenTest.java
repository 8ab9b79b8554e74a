package dev.squadron.text.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.text.tokenizer.Encoding;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.text.tokenizer.Truncation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ids, offsets and decoded texts are those of transformers, for every tokenizer of the suite. */
class TokenizationGoldenTest {
    private static final Map<String, Truncation> TRUNCATIONS = Map.of(
            "false", Truncation.NONE,
            "true", Truncation.LONGEST_FIRST,
            "longest_first", Truncation.LONGEST_FIRST,
            "only_second", Truncation.ONLY_SECOND);

    static Stream<Path> models() throws IOException {
        Path suite = Path.of(System.getProperty("squadron.golden"));
        try (Stream<Path> folders = Files.list(suite)) {
            List<Path> found = folders.filter(folder -> Files.exists(folder.resolve("reference.json")))
                    .filter(folder -> !read(folder).path("tokenization").isMissingNode())
                    .sorted()
                    .toList();
            assertThat(found).as("models with tokenization in " + suite).isNotEmpty();
            return found.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void agrees(Path folder) {
        JsonNode reference = read(folder).get("tokenization");
        try (Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(folder)) {
            assertThat(reference.get("cases")).isNotEmpty().allSatisfy(expected -> agree(tokenizer, expected));
            assertThat(reference.get("padded")).isNotEmpty().allSatisfy(batch -> agreePadded(tokenizer, batch));
        }
    }

    private static void agree(Seq2SeqTokenizer tokenizer, JsonNode expected) {
        String text = expected.get("text").textValue();
        Truncation truncation = TRUNCATIONS.get(expected.get("truncation").asText());
        int maxLength = expected.get("max_length").asInt(Integer.MAX_VALUE);
        Encoding actual = expected.get("pair").isNull()
                ? tokenizer.encode(text, truncation, maxLength)
                : tokenizer.encode(text, expected.get("pair").textValue(), truncation, maxLength);

        assertThat(actual.ids()).as(text).isEqualTo(ints(expected.get("ids")));
        for (int i = 0; i < actual.length(); i++) {
            JsonNode sequence = expected.get("sequence_ids").get(i);
            assertThat(actual.sequenceIds()[i]).isEqualTo(sequence.isNull() ? Encoding.ADDED : sequence.intValue());
            assertThat(List.of(actual.starts()[i], actual.ends()[i]))
                    .as("offsets of token %d of %s", i, text)
                    .isEqualTo(List.of(
                            expected.get("offsets").get(i).get(0).intValue(),
                            expected.get("offsets").get(i).get(1).intValue()));
        }
        assertThat(tokenizer.decode(actual.ids()))
                .isEqualTo(expected.get("decoded").textValue());
        assertThat(tokenizer.decodeAsIs(actual.ids(), true))
                .isEqualTo(expected.get("decoded_no_cleanup").textValue());
    }

    private static void agreePadded(Seq2SeqTokenizer tokenizer, JsonNode batch) {
        JsonNode ids = batch.has("input_ids") ? batch.get("input_ids") : batch.get("ids");
        for (int row = 0; row < batch.get("texts").size(); row++) {
            int[] expected = ints(ids.get(row));
            int[] mask = ints(batch.get("attention_mask").get(row));
            int[] actual = tokenizer
                    .encode(
                            batch.get("texts").get(row).textValue(),
                            Truncation.LONGEST_FIRST,
                            batch.path("max_length").asInt(Integer.MAX_VALUE))
                    .ids();
            int length = Arrays.stream(mask).sum();

            assertThat(actual).isEqualTo(Arrays.copyOf(expected, length));
        }
    }

    private static JsonNode read(Path folder) {
        try {
            return new ObjectMapper().readTree(folder.resolve("reference.json").toFile());
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read the reference in " + folder, e);
        }
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }
}
