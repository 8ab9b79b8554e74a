package dev.squadron.seq2seq.bart;

import dev.squadron.seq2seq.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Names and shapes of a BART's weights, as transformers saves them. Matrices are [out, in]. */
final class BartNames {
    static final String SHARED = "model.shared.weight";
    static final String LM_HEAD = "lm_head.weight";
    static final String BIAS = "final_logits_bias";

    static final List<String> EMBEDDING_COPIES =
            List.of("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight");

    private static final String PREFIX = "model.";

    /** Tensors that are one in memory; a file may hold it under any of the names. */
    private static final List<String> TIED = Stream.of(List.of(SHARED), EMBEDDING_COPIES, List.of(LM_HEAD))
            .flatMap(List::stream)
            .toList();

    private BartNames() {}

    static String positions(String stack) {
        return PREFIX + stack + ".embed_positions.weight";
    }

    static String embeddingNorm(String stack) {
        return PREFIX + stack + ".layernorm_embedding";
    }

    /** @param which self_attn or encoder_attn, then .q_proj, .k_proj, .v_proj or .out_proj; fc1 or fc2; or a norm */
    static String layer(String stack, int block, String which) {
        return PREFIX + stack + ".layers." + block + "." + which;
    }

    static String weight(String layer) {
        return layer + ".weight";
    }

    static String bias(String layer) {
        return layer + ".bias";
    }

    /** Returns the name that a weight has in {@code files}: a bare BartModel is saved without “model.”. */
    static String in(Weights files, String weight) {
        for (String name : weight.equals(SHARED) ? TIED : List.of(weight)) {
            String bare = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
            for (String candidate : List.of(name, bare)) {
                if (files.has(candidate)) {
                    return candidate;
                }
            }
        }
        return weight;
    }

    /** Returns the shape of every weight of the backbone, by name; the head is not among them. */
    static Map<String, long[]> backbone(BartConfig config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(SHARED, new long[] {config.vocabSize(), config.dModel()});
        stack(shapes, config, "encoder", config.encoder());
        stack(shapes, config, "decoder", config.decoder());
        return shapes;
    }

    private static void stack(Map<String, long[]> shapes, BartConfig config, String stack, BartConfig.Stack size) {
        int d = config.dModel();
        shapes.put(positions(stack), new long[] {config.maxPositionEmbeddings() + BartGraph.POSITION_OFFSET, d});
        affine(shapes, embeddingNorm(stack), d);
        List<String> attentions = stack.equals("decoder") ? List.of("self_attn", "encoder_attn") : List.of("self_attn");
        for (int block = 0; block < size.layers(); block++) {
            for (String attention : attentions) {
                for (String which : List.of(".q_proj", ".k_proj", ".v_proj", ".out_proj")) {
                    affine(shapes, layer(stack, block, attention + which), d, d);
                }
                affine(shapes, layer(stack, block, attention + "_layer_norm"), d);
            }
            affine(shapes, layer(stack, block, "fc1"), size.ffnDim(), d);
            affine(shapes, layer(stack, block, "fc2"), d, size.ffnDim());
            affine(shapes, layer(stack, block, "final_layer_norm"), d);
        }
    }

    private static void affine(Map<String, long[]> shapes, String layer, long... weight) {
        shapes.put(weight(layer), weight);
        shapes.put(bias(layer), new long[] {weight[0]});
    }
}
