package dev.squadron.seq2seq.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.generation.GenerationConfig.EarlyStopping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationConfigTest {
    private static final Path BART = Path.of(System.getProperty("squadron.home"), "samples/golden/bart");

    @TempDir
    private Path directory;

    @Test
    void hasTransformersDefaults() {
        GenerationConfig rules = of("{}");

        assertThat(rules).isEqualTo(GenerationConfig.greedy(20));
        assertThat(rules.topK()).isEqualTo(50);
    }

    @Test
    void readsEveryOption() {
        GenerationConfig rules = of(
                """
                {"max_length": 142, "min_length": 56, "num_beams": 4, "num_return_sequences": 2, "early_stopping": "never",
                 "length_penalty": 2.0, "repetition_penalty": 1.5, "no_repeat_ngram_size": 3, "bad_words_ids": [[4, 5], [6]],
                 "forced_bos_token_id": 0, "forced_eos_token_id": 2, "suppress_tokens": [7], "begin_suppress_tokens": [8, 9],
                 "prompt_lookup_num_tokens": 10,
                 "pad_token_id": 1, "eos_token_id": [2, 3], "decoder_start_token_id": 2, "transformers_version": "4.57.6",
                 "diversity_penalty": 0.0, "guidance_scale": null, "renormalize_logits": false, "min_p": 0.1}
                """);

        assertThat(rules)
                .isEqualTo(new GenerationConfig.Builder()
                        .maxNewTokens(141)
                        .minNewTokens(55)
                        .numBeams(4)
                        .numReturnSequences(2)
                        .earlyStopping(EarlyStopping.NEVER)
                        .lengthPenalty(2)
                        .repetitionPenalty(1.5f)
                        .noRepeatNgramSize(3)
                        .badWordsIds(List.of(List.of(4, 5), List.of(6)))
                        .forcedBosTokenId(0)
                        .forcedEosTokenId(2)
                        .suppressTokens(List.of(7))
                        .beginSuppressTokens(List.of(8, 9))
                        .promptLookupNumTokens(10)
                        .padTokenId(1)
                        .eosTokenIds(List.of(2, 3))
                        .decoderStartTokenId(2)
                        .build());
        assertThat(rules.toBuilder().build()).isEqualTo(rules);
        assertThat(rules.withMaxNewTokens(16).minNewTokens()).isEqualTo(16);
        assertThat(
                        of(
                                "{\"do_sample\": true, \"temperature\": 0.7, \"top_k\": 0, \"top_p\": 0.9, \"max_new_tokens\": 3}"))
                .isEqualTo(new GenerationConfig.Builder()
                        .maxNewTokens(3)
                        .doSample(true)
                        .temperature(0.7f)
                        .topK(0)
                        .topP(0.9f)
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num_beam_groups|{\"num_beam_groups\": 2}",
                "penalty_alpha|{\"penalty_alpha\": 0.6}",
                "force_words_ids|{\"force_words_ids\": [[3]]}",
                "renormalize_logits|{\"renormalize_logits\": true}",
                "min_p|{\"do_sample\": true, \"min_p\": 0.1}",
                "typical_p|{\"do_sample\": true, \"typical_p\": 0.9}"
            })
    void refusesWhatIsNotSupported(String key, String json) {
        assertThatThrownBy(() -> of(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(key + " is ")
                .hasMessageContaining("not supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"do_sample\": true, \"num_beams\": 2}",
                "{\"num_return_sequences\": 2}",
                "{\"num_beams\": 2, \"num_return_sequences\": 3}",
                "{\"do_sample\": true, \"temperature\": 0.0}",
                "{\"do_sample\": true, \"top_p\": 1.5}",
                "{\"max_new_tokens\": 0}",
                "{\"max_new_tokens\": 3, \"min_new_tokens\": 4}",
                "{\"repetition_penalty\": 0}",
                "{\"prompt_lookup_num_tokens\": -1}",
                "{\"bad_words_ids\": [[]]}",
                "{\"bad_words_ids\": [3]}",
                "{\"suppress_tokens\": 3}",
                "{\"suppress_tokens\": [-1]}",
                "{\"early_stopping\": \"sometimes\"}",
                "{\"num_beams\": \"4\"}",
                "{\"do_sample\": \"yes\"}",
                "{\"length_penalty\": \"long\"}"
            })
    void refusesWhatDoesNotGoTogether(String json) {
        assertThatThrownBy(() -> of(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)[a-z_]+ (is|has) .*");
    }

    @Test
    void refusesTokensOutsideTheVocabulary() {
        assertThatThrownBy(() -> of("{\"bad_words_ids\": [[4, 99]]}").checkIds(99))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("99");
        of("{\"bad_words_ids\": [[4, 99]]}").checkIds(100);
    }

    @Test
    void readsConfigJsonWhereThereIsNoGenerationConfig() throws IOException {
        String config = Files.readString(BART.resolve("config.json"));
        Path file = directory.resolve("config.json");
        Files.writeString(file, config.replace("\"forced_eos_token_id\": null", "\"num_beams\": 3"));

        GenerationConfig rules = GenerationConfig.read(directory, ModelConfig.read(directory));

        assertThat(rules.numBeams()).isEqualTo(3);
        assertThat(rules.forcedEosTokenId()).isEqualTo(2);
        Files.writeString(directory.resolve("generation_config.json"), "{\"num_beams\": 0}");
        assertThatThrownBy(() -> GenerationConfig.read(directory, ModelConfig.read(directory)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("generation_config.json")
                .hasMessageContaining("num_beams is 0");
    }

    private static GenerationConfig of(String json) {
        try {
            return GenerationConfig.of(new ObjectMapper().readTree(json));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
