package dev.squadron.benchmarks;

import static dev.squadron.contracts.safetensors.SafetensorsWriter.bfloats;
import static dev.squadron.contracts.safetensors.SafetensorsWriter.floats;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.SafetensorsWriter.Source;
import dev.squadron.contracts.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Models of Flan-T5's shapes with random weights: as fast as the trained ones, and nothing to download. Their outputs never end by
 * themselves: the first component of every state is large, and the head's row of {@code </s>} is against it.
 */
public enum RandomModel {
    SMALL(512, 64, 1024, 8, 6),
    BASE(768, 64, 2048, 12, 12),
    LARGE(1024, 64, 2816, 24, 16),
    XL(2048, 64, 5120, 24, 32);

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

    /** Writes the model in fp32 into {@code directory}, unless it is there; returns the directory. */
    public Path write(Path directory) throws IOException {
        return write(directory, DType.F32);
    }

    /** Writes the model, in fp32 or bf16, into {@code directory}, unless it is there; returns the directory. */
    public Path write(Path directory, DType dtype) throws IOException {
        Path weights = directory.resolve("model.safetensors");
        if (!Files.exists(weights)) {
            Files.createDirectories(directory);
            Files.write(directory.resolve("config.json"), ContractJson.write(config()));
            SafetensorsWriter.stream(weights, tensors(dtype), Map.of("format", "pt"));
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

    private List<Source> tensors(DType dtype) {
        List<Source> all = new ArrayList<>();
        all.add(source(dtype, "shared.weight", VOCABULARY, dModel, () -> {
            float[] embedding = normal("shared.weight", VOCABULARY * dModel, 1);
            for (int id = 0; id < VOCABULARY; id++) {
                embedding[id * dModel] = 30;
            }
            return embedding;
        }));
        all.add(source(dtype, "lm_head.weight", VOCABULARY, dModel, () -> {
            float[] head = normal("lm_head.weight", VOCABULARY * dModel, 0.1);
            Arrays.fill(head, END * dModel, (END + 1) * dModel, 0);
            head[END * dModel] = -10;
            return head;
        }));
        for (String stack : List.of("encoder", "decoder")) {
            for (int block = 0; block < layers; block++) {
                String at = stack + ".block." + block + ".layer.";
                attention(dtype, all, at + "0.SelfAttention.");
                all.add(ones(dtype, at + "0.layer_norm.weight"));
                if (stack.equals("decoder")) {
                    attention(dtype, all, at + "1.EncDecAttention.");
                    all.add(ones(dtype, at + "1.layer_norm.weight"));
                }
                String last = at + (stack.equals("decoder") ? 2 : 1) + ".";
                all.add(matrix(dtype, last + "DenseReluDense.wi_0.weight", dFf, dModel, Math.pow(dModel, -0.5)));
                all.add(matrix(dtype, last + "DenseReluDense.wi_1.weight", dFf, dModel, Math.pow(dModel, -0.5)));
                all.add(matrix(dtype, last + "DenseReluDense.wo.weight", dModel, dFf, Math.pow(dFf, -0.5)));
                all.add(ones(dtype, last + "layer_norm.weight"));
            }
            String bias = stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";
            all.add(matrix(dtype, bias, BUCKETS, heads, 1));
            all.add(ones(dtype, stack + ".final_layer_norm.weight"));
        }
        return all;
    }

    private void attention(DType dtype, List<Source> all, String at) {
        all.add(matrix(dtype, at + "q.weight", heads * dKv, dModel, Math.pow((double) dModel * dKv, -0.5)));
        all.add(matrix(dtype, at + "k.weight", heads * dKv, dModel, Math.pow(dModel, -0.5)));
        all.add(matrix(dtype, at + "v.weight", heads * dKv, dModel, Math.pow(dModel, -0.5)));
        all.add(matrix(dtype, at + "o.weight", dModel, heads * dKv, Math.pow((double) heads * dKv, -0.5)));
    }

    private Source ones(DType dtype, String name) {
        List<Long> shape = List.of((long) dModel);
        float[] elements = new float[dModel];
        Arrays.fill(elements, 1);
        return new Source(name, dtype, shape, () -> view(dtype, name, shape, elements));
    }

    private static Source matrix(DType dtype, String name, int rows, int columns, double deviation) {
        return source(dtype, name, rows, columns, () -> normal(name, rows * columns, deviation));
    }

    private static Source source(DType dtype, String name, int rows, int columns, Supplier<float[]> elements) {
        List<Long> shape = List.of((long) rows, (long) columns);
        return new Source(name, dtype, shape, () -> view(dtype, name, shape, elements.get()));
    }

    private static TensorView view(DType dtype, String name, List<Long> shape, float[] elements) {
        return dtype == DType.BF16 ? bfloats(name, shape, elements) : floats(name, shape, elements);
    }

    /** Numbers that depend on nothing but the tensor's name. */
    private static float[] normal(String name, int count, double deviation) {
        Random random = new Random(name.hashCode());
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (float) (random.nextGaussian() * deviation);
        }
        return elements;
    }
}
