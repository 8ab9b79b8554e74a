package dev.squadron.seq2seq.t5;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names and shapes of a T5's weights, as transformers saves them. Matrices are [out, in]. */
final class T5Names {
    static final String SHARED = "shared.weight";
    static final String LM_HEAD = "lm_head.weight";

    private T5Names() {}

    static String block(String stack, int block) {
        return stack + ".block." + block + ".";
    }

    static String norm(String stack, int block, int layer) {
        return block(stack, block) + "layer." + layer + ".layer_norm.weight";
    }

    static String finalNorm(String stack) {
        return stack + ".final_layer_norm.weight";
    }

    /** @param which q, k, v or o */
    static String selfAttention(String stack, int block, String which) {
        return block(stack, block) + "layer.0.SelfAttention." + which + ".weight";
    }

    /** @param which q, k, v or o */
    static String crossAttention(int block, String which) {
        return block("decoder", block) + "layer.1.EncDecAttention." + which + ".weight";
    }

    /** Block 0 has the bias for all blocks of its stack. */
    static String relativeBias(String stack) {
        return block(stack, 0) + "layer.0.SelfAttention.relative_attention_bias.weight";
    }

    /** @param which wi, or wi_0 and wi_1 where gated; wo */
    static String feedForward(String stack, int block, String which) {
        int layer = stack.equals("encoder") ? 1 : 2;
        return block(stack, block) + "layer." + layer + ".DenseReluDense." + which + ".weight";
    }

    /** Returns the shape of every weight of the backbone, by name; the head is not among them. */
    static Map<String, long[]> backbone(T5Config config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(SHARED, new long[] {config.vocabSize(), config.dModel()});
        stack(shapes, config, "encoder", config.numLayers());
        stack(shapes, config, "decoder", config.numDecoderLayers());
        return shapes;
    }

    private static void stack(Map<String, long[]> shapes, T5Config config, String stack, int blocks) {
        long d = config.dModel();
        long inner = (long) config.numHeads() * config.dKv();
        boolean decoder = stack.equals("decoder");
        shapes.put(relativeBias(stack), new long[] {config.relativeAttentionNumBuckets(), config.numHeads()});
        for (int block = 0; block < blocks; block++) {
            for (int layer = 0; layer < (decoder ? 3 : 2); layer++) {
                shapes.put(norm(stack, block, layer), new long[] {d});
            }
            for (String which : new String[] {"q", "k", "v"}) {
                shapes.put(selfAttention(stack, block, which), new long[] {inner, d});
                if (decoder) {
                    shapes.put(crossAttention(block, which), new long[] {inner, d});
                }
            }
            shapes.put(selfAttention(stack, block, "o"), new long[] {d, inner});
            if (decoder) {
                shapes.put(crossAttention(block, "o"), new long[] {d, inner});
            }
            for (String which : config.gatedGelu() ? new String[] {"wi_0", "wi_1"} : new String[] {"wi"}) {
                shapes.put(feedForward(stack, block, which), new long[] {config.dFf(), d});
            }
            shapes.put(feedForward(stack, block, "wo"), new long[] {d, config.dFf()});
        }
        shapes.put(finalNorm(stack), new long[] {d});
    }
}
