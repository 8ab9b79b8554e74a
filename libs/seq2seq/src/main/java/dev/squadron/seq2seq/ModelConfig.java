package dev.squadron.seq2seq;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What {@code config.json} says of a T5's architecture, under the names of transformers' {@code T5Config}.
 *
 * @param modelType {@code t5} or {@code mt5}
 * @param dModel width of the hidden states
 * @param dKv width of a head's queries, keys and values
 * @param dFf width inside the feed-forward layers
 * @param numHeads attention heads of a layer
 * @param numLayers blocks of the encoder
 * @param numDecoderLayers blocks of the decoder
 * @param vocabSize rows of the embedding and of the head
 * @param relativeAttentionNumBuckets buckets of relative positions
 * @param relativeAttentionMaxDistance distance from which on all positions share a bucket
 * @param layerNormEpsilon added to the mean square
 * @param gatedGelu whether the feed-forward layers are {@code gated-gelu} (T5 v1.1, Flan, mT5) or {@code relu} (T5 v1.0)
 * @param tieWordEmbeddings whether the head is the embedding, scaled by d_model^-0.5; absent means true
 * @param padTokenId fills short rows
 * @param eosTokenId ends a sequence
 * @param decoderStartTokenId begins every generated sequence
 */
public record ModelConfig(
        String modelType,
        int dModel,
        int dKv,
        int dFf,
        int numHeads,
        int numLayers,
        int numDecoderLayers,
        int vocabSize,
        int relativeAttentionNumBuckets,
        int relativeAttentionMaxDistance,
        float layerNormEpsilon,
        boolean gatedGelu,
        boolean tieWordEmbeddings,
        int padTokenId,
        int eosTokenId,
        int decoderStartTokenId) {

    /** The architectures that can be loaded, by {@code model_type}. */
    public static final Set<String> KNOWN_TYPES = Set.of("t5", "mt5");

    /** Returns the factor between the decoder's final state and the head: d_model^-0.5 where the embeddings are tied. */
    public float headScale() {
        return tieWordEmbeddings ? (float) Math.pow(dModel, -0.5) : 1f;
    }

    /**
     * Reads {@code config.json} in a model's directory.
     *
     * @throws ModelException naming the file, the key and the rule
     */
    public static ModelConfig read(Path directory) {
        Path file = directory.resolve("config.json");
        try {
            return new Reader(file, ContractJson.readTree(Files.readAllBytes(file))).config();
        } catch (InvalidMessage e) {
            throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(file + " cannot be read: is " + directory + " a Hugging Face model?", e);
        }
    }

    private record Reader(Path file, JsonNode json) {

        ModelConfig config() {
            String type = json.path("model_type").asText("");
            if (!KNOWN_TYPES.contains(type)) {
                throw broken(
                        "model_type",
                        "is “" + type + "”; known are "
                                + KNOWN_TYPES.stream().sorted().toList());
            }
            String projection = json.path("feed_forward_proj").asText("relu");
            if (!projection.equals("relu") && !projection.equals("gated-gelu")) {
                throw broken("feed_forward_proj", "is “" + projection + "”; known are relu and gated-gelu");
            }
            int layers = positive("num_layers", null);
            int pad = id("pad_token_id", 0);
            return new ModelConfig(
                    type,
                    positive("d_model", null),
                    positive("d_kv", null),
                    positive("d_ff", null),
                    positive("num_heads", null),
                    layers,
                    positive("num_decoder_layers", layers),
                    positive("vocab_size", null),
                    positive("relative_attention_num_buckets", 32),
                    positive("relative_attention_max_distance", 128),
                    (float) json.path("layer_norm_epsilon").asDouble(1e-6),
                    projection.equals("gated-gelu"),
                    json.path("tie_word_embeddings").asBoolean(true),
                    pad,
                    id("eos_token_id", 1),
                    id("decoder_start_token_id", pad));
        }

        private int positive(String key, Integer otherwise) {
            JsonNode value = json.path(key);
            if ((value.isMissingNode() || value.isNull()) && otherwise != null) {
                return otherwise;
            }
            if (!value.isInt() || value.intValue() < 1 || value.intValue() > 1 << 24) {
                throw broken(
                        key, "is " + (value.isMissingNode() ? "missing" : value) + "; it must be a positive number");
            }
            return value.intValue();
        }

        private int id(String key, int otherwise) {
            JsonNode value = json.path(key);
            if (value.isMissingNode() || value.isNull()) {
                return otherwise;
            }
            if (!value.isInt() || value.intValue() < 0) {
                throw broken(key, "is " + value + "; it must be a token id");
            }
            return value.intValue();
        }

        private ModelException broken(String key, String what) {
            return new ModelException(file + " cannot be used: " + key + " " + what + ".");
        }
    }
}
