package dev.squadron.seq2seq.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How sequences are generated, under the names and with the meaning of transformers' {@code GenerationConfig}.
 *
 * @param maxNewTokens most tokens of a sequence, {@code </s>} included
 * @param minNewTokens tokens before which {@code </s>} cannot come
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that the sequence has already; 1: none
 * @param noRepeatNgramSize no run of so many tokens comes twice; 0: any may
 * @param forcedBosTokenId the first token; null: free
 * @param forcedEosTokenId the token at the limit of length; null: free
 */
public record GenerationConfig(
        int maxNewTokens,
        int minNewTokens,
        float repetitionPenalty,
        int noRepeatNgramSize,
        Integer forcedBosTokenId,
        Integer forcedEosTokenId) {

    /** What transformers takes where nothing is said. */
    private static final int DEFAULT_MAX_LENGTH = 20;

    public GenerationConfig {
        if (maxNewTokens < 1 || minNewTokens < 0 || minNewTokens > maxNewTokens) {
            throw new IllegalArgumentException("max_new_tokens is " + maxNewTokens + " and min_new_tokens "
                    + minNewTokens + "; they must be at least 1 and 0, the one not below the other.");
        }
        if (repetitionPenalty <= 0 || noRepeatNgramSize < 0) {
            throw new IllegalArgumentException("repetition_penalty is " + repetitionPenalty
                    + " and no_repeat_ngram_size " + noRepeatNgramSize + "; they must be above 0 and at least 0.");
        }
    }

    /** Returns plain greedy search of at most {@code maxNewTokens} tokens. */
    public static GenerationConfig greedy(int maxNewTokens) {
        return new GenerationConfig(maxNewTokens, 0, 1, 0, null, null);
    }

    /** Returns the same with another limit of length. */
    public GenerationConfig withMaxNewTokens(int limit) {
        return new GenerationConfig(
                limit,
                Math.min(minNewTokens, limit),
                repetitionPenalty,
                noRepeatNgramSize,
                forcedBosTokenId,
                forcedEosTokenId);
    }

    /**
     * Reads {@code generation_config.json} in a model's directory; a model without one has transformers' defaults.
     *
     * @throws ModelException where the file is broken
     */
    public static GenerationConfig read(Path directory) {
        Path file = directory.resolve("generation_config.json");
        if (!Files.exists(file)) {
            return greedy(DEFAULT_MAX_LENGTH - 1);
        }
        try {
            return of(ContractJson.readTree(Files.readAllBytes(file)));
        } catch (InvalidMessage e) {
            throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new ModelException(file + " cannot be used: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads the form of {@code generation_config.json}. */
    public static GenerationConfig of(JsonNode json) {
        int limit = json.hasNonNull("max_new_tokens")
                ? json.get("max_new_tokens").intValue()
                : json.path("max_length").asInt(DEFAULT_MAX_LENGTH) - 1;
        return new GenerationConfig(
                limit,
                json.path("min_new_tokens").asInt(0),
                (float) json.path("repetition_penalty").asDouble(1),
                json.path("no_repeat_ngram_size").asInt(0),
                id(json, "forced_bos_token_id"),
                id(json, "forced_eos_token_id"));
    }

    /** Returns whether the logits decide alone, but for the limit of length. */
    boolean isPlain() {
        return minNewTokens == 0
                && repetitionPenalty == 1
                && noRepeatNgramSize == 0
                && forcedBosTokenId == null
                && forcedEosTokenId == null;
    }

    private static Integer id(JsonNode json, String key) {
        return json.hasNonNull(key) ? json.get(key).intValue() : null;
    }
}
