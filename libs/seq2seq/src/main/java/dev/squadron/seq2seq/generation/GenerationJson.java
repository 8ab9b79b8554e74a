package dev.squadron.seq2seq.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.seq2seq.generation.GenerationConfig.EarlyStopping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the form of {@code generation_config.json}; what is not supported and would change the result is refused. */
final class GenerationJson {
    /** What transformers takes for {@code max_length} where nothing is said; it then means 20 new tokens. */
    private static final int DEFAULT_MAX_LENGTH = 20;

    /** Keys that are not supported, with the value that has no effect; null alone has none where it says NaN. */
    private static final Map<String, Double> UNSUPPORTED = Map.ofEntries(
            Map.entry("constraints", Double.NaN),
            Map.entry("diversity_penalty", 0.0),
            Map.entry("dola_layers", Double.NaN),
            Map.entry("encoder_no_repeat_ngram_size", 0.0),
            Map.entry("encoder_repetition_penalty", 1.0),
            Map.entry("exponential_decay_length_penalty", Double.NaN),
            Map.entry("force_words_ids", Double.NaN),
            Map.entry("guidance_scale", 1.0),
            Map.entry("max_time", Double.NaN),
            Map.entry("num_beam_groups", 1.0),
            Map.entry("penalty_alpha", 0.0),
            Map.entry("renormalize_logits", 0.0),
            Map.entry("sequence_bias", Double.NaN),
            Map.entry("stop_strings", Double.NaN),
            Map.entry("token_healing", 0.0),
            Map.entry("watermarking_config", Double.NaN));

    /** The same for keys that matter in sampling only. */
    private static final Map<String, Double> UNSUPPORTED_IN_SAMPLING =
            Map.of("epsilon_cutoff", 0.0, "eta_cutoff", 0.0, "min_p", 0.0, "typical_p", 1.0);

    private final JsonNode json;

    private GenerationJson(JsonNode json) {
        this.json = json;
    }

    static GenerationConfig read(JsonNode json) {
        return new GenerationJson(json).config();
    }

    private GenerationConfig config() {
        GenerationConfig.Builder rules = new GenerationConfig.Builder();
        boolean sampling = flag("do_sample", false);
        refuse(UNSUPPORTED);
        if (sampling) {
            refuse(UNSUPPORTED_IN_SAMPLING);
        }
        int maxLength = integer("max_length", DEFAULT_MAX_LENGTH);
        int limit = integer("max_new_tokens", maxLength == DEFAULT_MAX_LENGTH ? maxLength : maxLength - 1);
        int atLeast = integer("min_new_tokens", Math.max(0, integer("min_length", 0) - 1));
        return rules.maxNewTokens(limit)
                .minNewTokens(atLeast)
                .doSample(sampling)
                .numBeams(integer("num_beams", 1))
                .numReturnSequences(integer("num_return_sequences", 1))
                .earlyStopping(earlyStopping())
                .lengthPenalty(number("length_penalty", 1))
                .temperature(number("temperature", 1))
                .topK(integer("top_k", 50))
                .topP(number("top_p", 1))
                .repetitionPenalty(number("repetition_penalty", 1))
                .noRepeatNgramSize(integer("no_repeat_ngram_size", 0))
                .badWordsIds(words("bad_words_ids"))
                .forcedBosTokenId(token("forced_bos_token_id"))
                .forcedEosTokenId(token("forced_eos_token_id"))
                .suppressTokens(tokens("suppress_tokens"))
                .beginSuppressTokens(tokens("begin_suppress_tokens"))
                .promptLookupNumTokens(integer("prompt_lookup_num_tokens", 0))
                .padTokenId(token("pad_token_id"))
                .eosTokenIds(json.path("eos_token_id").isArray() ? tokens("eos_token_id") : eosToken())
                .decoderStartTokenId(token("decoder_start_token_id"))
                .build();
    }

    private void refuse(Map<String, Double> unsupported) {
        unsupported.forEach((key, neutral) -> {
            JsonNode value = json.path(key);
            boolean set = json.hasNonNull(key)
                    && !(value.isNumber() && value.doubleValue() == neutral)
                    && !(value.isBoolean() && !value.booleanValue());
            if (set) {
                throw new IllegalArgumentException(key + " is " + value + "; it is not supported. Leave it out.");
            }
        });
    }

    private EarlyStopping earlyStopping() {
        JsonNode value = json.path("early_stopping");
        if (value.isTextual() && value.textValue().equals("never")) {
            return EarlyStopping.NEVER;
        }
        if (json.hasNonNull("early_stopping") && !value.isBoolean()) {
            throw wrong("early_stopping", value, "true, false or \"never\"");
        }
        return value.booleanValue() ? EarlyStopping.TRUE : EarlyStopping.FALSE;
    }

    private List<Integer> eosToken() {
        Integer id = token("eos_token_id");
        return id == null ? List.of() : List.of(id);
    }

    private List<List<Integer>> words(String key) {
        List<List<Integer>> words = new ArrayList<>();
        for (JsonNode word : array(key)) {
            if (!word.isArray()) {
                throw wrong(key, word, "a list of token ids");
            }
            words.add(ids(key, word));
        }
        return words;
    }

    private List<Integer> tokens(String key) {
        return ids(key, array(key));
    }

    private JsonNode array(String key) {
        JsonNode value = json.path(key);
        if (json.hasNonNull(key) && !value.isArray()) {
            throw wrong(key, value, "a list");
        }
        return value;
    }

    private static List<Integer> ids(String key, JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode id : array) {
            ids.add(id(key, id));
        }
        return ids;
    }

    private Integer token(String key) {
        return json.hasNonNull(key) ? Integer.valueOf(id(key, json.get(key))) : null;
    }

    private static int id(String key, JsonNode value) {
        if (!value.isInt() || value.intValue() < 0) {
            throw wrong(key, value, "a token id");
        }
        return value.intValue();
    }

    private int integer(String key, int otherwise) {
        if (!json.hasNonNull(key)) {
            return otherwise;
        }
        if (!json.get(key).isInt()) {
            throw wrong(key, json.get(key), "a whole number");
        }
        return json.get(key).intValue();
    }

    private float number(String key, float otherwise) {
        if (!json.hasNonNull(key)) {
            return otherwise;
        }
        if (!json.get(key).isNumber()) {
            throw wrong(key, json.get(key), "a number");
        }
        return json.get(key).floatValue();
    }

    private boolean flag(String key, boolean otherwise) {
        if (!json.hasNonNull(key)) {
            return otherwise;
        }
        if (!json.get(key).isBoolean()) {
            throw wrong(key, json.get(key), "true or false");
        }
        return json.get(key).booleanValue();
    }

    private static IllegalArgumentException wrong(String key, JsonNode value, String wanted) {
        return new IllegalArgumentException(key + " is " + value + "; it must be " + wanted + ".");
    }
}
