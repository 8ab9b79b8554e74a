package dev.squadron.seq2seq.bart;

import dev.squadron.seq2seq.ConfigFile;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.graph.Layers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.json} says of a BART's architecture, under the names of transformers' {@code BartConfig}.
 *
 * @param modelType {@code bart}
 * @param dModel width of the hidden states, which the heads of a layer share
 * @param encoder the encoder's size
 * @param decoder the decoder's size
 * @param vocabSize rows of the embedding and of the head
 * @param maxPositionEmbeddings tokens that an input or an output can have
 * @param scaleEmbedding whether embeddings are multiplied by √d_model
 * @param tieWordEmbeddings whether the head is the embedding; absent means true
 * @param padTokenId fills short rows
 * @param eosTokenId ends a sequence
 * @param decoderStartTokenId begins every generated sequence
 * @param forcedEosTokenId the token at the limit of length where no {@code generation_config.json} says it; null: any
 */
public record BartConfig(
        String modelType,
        int dModel,
        Stack encoder,
        Stack decoder,
        int vocabSize,
        int maxPositionEmbeddings,
        boolean scaleEmbedding,
        boolean tieWordEmbeddings,
        int padTokenId,
        int eosTokenId,
        int decoderStartTokenId,
        Integer forcedEosTokenId)
        implements ModelConfig {
    private static final int EOS = 2;

    /**
     * Size of the encoder or decoder.
     *
     * @param layers blocks
     * @param heads attention heads of a block
     * @param ffnDim width inside the feed-forward layers
     */
    public record Stack(int layers, int heads, int ffnDim) {
        private static Stack of(ConfigFile file, String stack, int dModel) {
            int heads = file.size(stack + "_attention_heads");
            if (dModel % heads != 0) {
                throw file.broken(stack + "_attention_heads", "is " + heads + "; it must divide d_model, " + dModel);
            }
            return new Stack(file.size(stack + "_layers"), heads, file.size(stack + "_ffn_dim"));
        }
    }

    /**
     * Reads the configuration.
     *
     * @throws dev.squadron.seq2seq.ModelException naming the file, the key and the rule
     */
    public static BartConfig of(ConfigFile file) {
        String activation = file.text("activation_function", "gelu");
        if (!activation.equals("gelu")) {
            throw file.broken("activation_function", "is “" + activation + "”; known is gelu");
        }
        int dModel = file.size("d_model");
        return new BartConfig(
                file.text("model_type", "bart"),
                dModel,
                Stack.of(file, "encoder", dModel),
                Stack.of(file, "decoder", dModel),
                file.size("vocab_size"),
                file.size("max_position_embeddings", 1024),
                file.flag("scale_embedding", false),
                file.flag("tie_word_embeddings", true),
                file.token("pad_token_id", 1),
                file.token("eos_token_id", EOS),
                file.token("decoder_start_token_id", EOS),
                file.isNull("forced_eos_token_id") ? null : Integer.valueOf(file.token("forced_eos_token_id", EOS)));
    }

    @Override
    public int maxPositions() {
        return maxPositionEmbeddings;
    }

    @Override
    public boolean hasHeadBias() {
        return true;
    }

    @Override
    public float headScale() {
        return 1;
    }

    @Override
    public String embedding() {
        return BartNames.SHARED;
    }

    /** transformers ties these to the embedding only together with the head. */
    @Override
    public List<String> embeddingCopies() {
        return BartNames.EMBEDDING_COPIES;
    }

    @Override
    public int decoderBlocks() {
        return decoder.layers();
    }

    @Override
    public String decoderBlock(int block) {
        return BartNames.layer("decoder", block, "");
    }

    @Override
    public Map<String, long[]> weights() {
        return BartNames.backbone(this);
    }

    @Override
    public String nameIn(Weights files, String weight) {
        return BartNames.in(files, weight);
    }

    /** Returns the head with {@code final_logits_bias}; a file without one means zeros. */
    @Override
    public Head pretrainedHead(Weights files) {
        String name = tieWordEmbeddings ? nameIn(files, BartNames.SHARED) : BartNames.LM_HEAD;
        files.require(List.of(name));
        float[] bias = files.has(BartNames.BIAS)
                ? files.tensor(BartNames.BIAS, 1, vocabSize).floats()
                : new float[vocabSize];
        return Head.of(files.tensor(name, vocabSize, dModel), Optional.of(bias));
    }

    @Override
    public BartGraph graph(Layers layers) {
        return new BartGraph(this, layers);
    }
}
