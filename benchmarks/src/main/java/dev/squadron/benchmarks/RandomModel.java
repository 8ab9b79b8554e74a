package dev.squadron.benchmarks;

import static dev.squadron.contracts.safetensors.SafetensorsWriter.floats;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Models of Flan-T5's shapes with random weights: as fast as the trained ones, and nothing to download. Their outputs never end by
 * themselves: the first component of every state is large, and the head's row of {@code </s>} is against it.
 */
public enum RandomModel {
    SMALL(512, 64, 1024, 8, 6),
    BASE(768, 64, 2048, 12, 12),
    LARGE(1024, 64, 2816, 24, 16);

    private static final int VOCABULARY = 32_128;
    private static final int BUCKETS = 32;
    private static final int END = 1;

    private final int dModel;
    private final int dKv;
    private final int dFf;
    private final int layers;
    private final int heads;

    RandomModel(int dModel, int dKv, int dFf, int layers, int heads) {
        this.dModel = dModel;
        this.dKv = dKv;
        this.dFf = dFf;
        this.layers = layers;
        this.heads = heads;
    }

    /** Writes the model into {@code directory}, unless it is there; returns the directory. */
    public Path write(Path directory) throws IOException {
        Path weights = directory.resolve("model.safetensors");
        if (!Files.exists(weights)) {
            Files.createDirectories(directory);
            Files.write(directory.resolve("config.json"), ContractJson.write(config()));
            SafetensorsWriter.write(weights, tensors(), Map.of("format", "pt"));
        }
        return directory;
    }

    private ObjectNode config() {
        ObjectNode config = ContractJson.mapper()
                .createObjectNode()
                .put("model_type", "t5")
                .put("d_model", dModel)
                .put("d_kv", dKv)
                .put("d_ff", dFf)
                .put("num_layers", layers)
                .put("num_decoder_layers", layers)
                .put("num_heads", heads)
                .put("vocab_size", VOCABULARY)
                .put("feed_forward_proj", "gated-gelu")
                .put("tie_word_embeddings", false)
                .put("is_encoder_decoder", true)
                .put("relative_attention_num_buckets", BUCKETS)
                .put("relative_attention_max_distance", 128)
                .put("layer_norm_epsilon", 1e-6)
                .put("dropout_rate", 0.1)
                .put("pad_token_id", 0)
                .put("eos_token_id", END)
                .put("decoder_start_token_id", 0);
        config.putArray("architectures").add("T5ForConditionalGeneration");
        return config;
    }

    private List<TensorView> tensors() {
        Random random = new Random(dModel);
        List<TensorView> all = new ArrayList<>();
        float[] embedding = normal(random, VOCABULARY * dModel, 1);
        for (int id = 0; id < VOCABULARY; id++) {
            embedding[id * dModel] = 30;
        }
        float[] head = normal(random, VOCABULARY * dModel, 0.1);
        Arrays.fill(head, END * dModel, (END + 1) * dModel, 0);
        head[END * dModel] = -10;
        all.add(floats("shared.weight", List.of((long) VOCABULARY, (long) dModel), embedding));
        all.add(floats("lm_head.weight", List.of((long) VOCABULARY, (long) dModel), head));
        for (String stack : List.of("encoder", "decoder")) {
            for (int block = 0; block < layers; block++) {
                String at = stack + ".block." + block + ".layer.";
                attention(random, all, at + "0.SelfAttention.");
                all.add(ones(at + "0.layer_norm.weight"));
                if (stack.equals("decoder")) {
                    attention(random, all, at + "1.EncDecAttention.");
                    all.add(ones(at + "1.layer_norm.weight"));
                }
                String last = at + (stack.equals("decoder") ? 2 : 1) + ".";
                all.add(matrix(random, last + "DenseReluDense.wi_0.weight", dFf, dModel, Math.pow(dModel, -0.5)));
                all.add(matrix(random, last + "DenseReluDense.wi_1.weight", dFf, dModel, Math.pow(dModel, -0.5)));
                all.add(matrix(random, last + "DenseReluDense.wo.weight", dModel, dFf, Math.pow(dFf, -0.5)));
                all.add(ones(last + "layer_norm.weight"));
            }
            all.add(matrix(
                    random,
                    stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                    BUCKETS,
                    heads,
                    1));
            all.add(ones(stack + ".final_layer_norm.weight"));
        }
        return all;
    }

    private void attention(Random random, List<TensorView> all, String at) {
        all.add(matrix(random, at + "q.weight", heads * dKv, dModel, Math.pow((double) dModel * dKv, -0.5)));
        all.add(matrix(random, at + "k.weight", heads * dKv, dModel, Math.pow(dModel, -0.5)));
        all.add(matrix(random, at + "v.weight", heads * dKv, dModel, Math.pow(dModel, -0.5)));
        all.add(matrix(random, at + "o.weight", dModel, heads * dKv, Math.pow((double) heads * dKv, -0.5)));
    }

    private TensorView ones(String name) {
        float[] elements = new float[dModel];
        Arrays.fill(elements, 1);
        return floats(name, List.of((long) dModel), elements);
    }

    private static TensorView matrix(Random random, String name, int rows, int columns, double deviation) {
        return floats(name, List.of((long) rows, (long) columns), normal(random, rows * columns, deviation));
    }

    private static float[] normal(Random random, int count, double deviation) {
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (float) (random.nextGaussian() * deviation);
        }
        return elements;
    }
}
