package dev.squadron.seq2seq.t5;

import dev.squadron.seq2seq.ConfigFile;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.graph.Layers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
public record T5Config(
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
        int decoderStartTokenId)
        implements ModelConfig {

    /**
     * Reads the configuration.
     *
     * @throws dev.squadron.seq2seq.ModelException naming the file, the key and the rule
     */
    public static T5Config of(ConfigFile file) {
        String projection = file.text("feed_forward_proj", "relu");
        if (!projection.equals("relu") && !projection.equals("gated-gelu")) {
            throw file.broken("feed_forward_proj", "is “" + projection + "”; known are relu and gated-gelu");
        }
        int layers = file.size("num_layers");
        int pad = file.token("pad_token_id", 0);
        return new T5Config(
                file.text("model_type", "t5"),
                file.size("d_model"),
                file.size("d_kv"),
                file.size("d_ff"),
                file.size("num_heads"),
                layers,
                file.size("num_decoder_layers", layers),
                file.size("vocab_size"),
                file.size("relative_attention_num_buckets", 32),
                file.size("relative_attention_max_distance", 128),
                file.number("layer_norm_epsilon", 1e-6f),
                projection.equals("gated-gelu"),
                file.flag("tie_word_embeddings", true),
                pad,
                file.token("eos_token_id", 1),
                file.token("decoder_start_token_id", pad));
    }

    /** Returns d_model^-0.5 where the embeddings are tied, else 1. */
    @Override
    public float headScale() {
        return tieWordEmbeddings ? (float) Math.pow(dModel, -0.5) : 1f;
    }

    @Override
    public String embedding() {
        return T5Names.SHARED;
    }

    @Override
    public int decoderBlocks() {
        return numDecoderLayers;
    }

    @Override
    public String decoderBlock(int block) {
        return T5Names.block("decoder", block);
    }

    @Override
    public Map<String, long[]> weights() {
        return T5Names.backbone(this);
    }

    @Override
    public Head pretrainedHead(Weights files) {
        String name = tieWordEmbeddings ? T5Names.SHARED : T5Names.LM_HEAD;
        files.require(List.of(name));
        return Head.of(files.tensor(name, vocabSize, dModel), Optional.empty());
    }

    @Override
    public T5Graph graph(Layers layers) {
        return new T5Graph(this, layers);
    }
}
