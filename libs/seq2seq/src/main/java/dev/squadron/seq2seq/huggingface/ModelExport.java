package dev.squadron.seq2seq.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.SafetensorsWriter.Source;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ConfigFile;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A trained model on its way into a directory that transformers loads: what {@code save_pretrained} would write. Tensors are written
 * one after the other; no more than one is in memory.
 *
 * @param base the directory that the model was loaded from, for its configurations and tokenizer
 * @param weights of the backbone, as they are now
 * @param head as it is now
 * @param dtype F32, or BF16, to which elements are rounded
 * @param maxShardBytes the most bytes of tensors that a file has, but for a tensor that is larger alone
 */
public record ModelExport(Path base, Weights weights, Head head, DType dtype, long maxShardBytes) {
    /** What transformers puts into a file at most. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    private static final Map<String, String> METADATA = Map.of("format", "pt");
    private static final List<String> COPIED = List.of(
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "spiece.model",
            "vocab.json",
            "merges.txt");

    public ModelExport {
        if (dtype != DType.F32 && dtype != DType.BF16) {
            throw new IllegalArgumentException("A model cannot be exported as " + dtype + "; F32 and BF16 can.");
        }
    }

    /** Returns a model in fp32, in files as transformers divides it. */
    public static ModelExport fp32(Path base, Weights weights, Head head) {
        return new ModelExport(base, weights, head, DType.F32, SHARD_BYTES);
    }

    /**
     * Writes the model; equal models give equal bytes.
     *
     * @param directory is made where it is not there, and must be empty
     * @throws ModelException where it is not
     */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> there = Files.list(directory)) {
            if (there.findAny().isPresent()) {
                throw new ModelException(directory + " is not empty; name another directory, or empty it.");
            }
        }
        ModelConfig config = ModelConfig.read(base);
        boolean untied = !config.tieWordEmbeddings() || !isEmbedding(config);
        writeTensors(directory, tensors(config, untied));
        for (String name : COPIED) {
            if (Files.exists(base.resolve(name))) {
                Files.copy(base.resolve(name), directory.resolve(name));
            }
        }
        writeConfig(directory.resolve("config.json"), untied);
    }

    private boolean isEmbedding(ModelConfig config) {
        return Arrays.equals(
                head.toArray(), backbone(config, config.embedding()).floats());
    }

    private TensorView backbone(ModelConfig config, String name) {
        return weights.tensor(config.nameIn(weights, name), config.weights().get(name));
    }

    private List<Source> tensors(ModelConfig config, boolean untied) {
        List<Source> tensors = new ArrayList<>();
        config.weights().forEach((name, shape) -> tensors.add(source(name, shape, () -> backbone(config, name))));
        if (untied) {
            long[] embedding = config.weights().get(config.embedding());
            config.embeddingCopies()
                    .forEach(name -> tensors.add(source(name, embedding, () -> backbone(config, config.embedding()))));
            tensors.add(source(Head.TENSOR, embedding, () -> floats(Head.TENSOR, scaledHead(config), embedding)));
        }
        head.biasArray().ifPresent(bias -> {
            long[] shape = {1, bias.length};
            tensors.add(source(Head.BIAS, shape, () -> floats(Head.BIAS, bias, shape)));
        });
        return tensors;
    }

    /** Returns the head as a model has it that is not tied: the factor of tied ones goes into it. */
    private float[] scaledHead(ModelConfig config) {
        float[] scaled = head.toArray();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= config.headScale();
        }
        return scaled;
    }

    private Source source(String name, long[] shape, Supplier<TensorView> tensor) {
        return new Source(name, dtype, Arrays.stream(shape).boxed().toList(), () -> {
            TensorView view = tensor.get();
            return dtype == DType.BF16
                    ? SafetensorsWriter.bfloats(name, view.shape(), view.floats())
                    : SafetensorsWriter.floats(name, view.shape(), view.floats());
        });
    }

    private static TensorView floats(String name, float[] elements, long... shape) {
        return SafetensorsWriter.floats(name, Arrays.stream(shape).boxed().toList(), elements);
    }

    private void writeTensors(Path directory, List<Source> tensors) throws IOException {
        List<List<Source>> shards = shards(tensors);
        if (shards.size() == 1) {
            SafetensorsWriter.stream(directory.resolve("model.safetensors"), tensors, METADATA);
            return;
        }
        ObjectNode index = ContractJson.mapper().createObjectNode();
        index.putObject("metadata")
                .put("total_size", tensors.stream().mapToLong(Source::bytes).sum());
        ObjectNode map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            SafetensorsWriter.stream(directory.resolve(name), shards.get(i), METADATA);
            shards.get(i).forEach(tensor -> map.put(tensor.name(), name));
        }
        writeJson(directory.resolve("model.safetensors.index.json"), index);
    }

    private List<List<Source>> shards(List<Source> tensors) {
        List<List<Source>> shards = new ArrayList<>();
        long room = 0;
        for (Source tensor : tensors) {
            if (shards.isEmpty() || tensor.bytes() > room) {
                shards.add(new ArrayList<>());
                room = maxShardBytes;
            }
            shards.get(shards.size() - 1).add(tensor);
            room -= tensor.bytes();
        }
        return shards;
    }

    /** Writes the model's configuration, with the type of its elements and whether its head is tied; older transformers call the type torch_dtype. */
    private void writeConfig(Path file, boolean untied) throws IOException {
        ObjectNode json = ConfigFile.read(base.resolve("config.json")).json().deepCopy();
        json.put(json.has("torch_dtype") ? "torch_dtype" : "dtype", dtype == DType.BF16 ? "bfloat16" : "float32");
        if (untied) {
            json.put("tie_word_embeddings", false);
        }
        writeJson(file, json);
    }

    private static void writeJson(Path file, ObjectNode json) throws IOException {
        Files.write(file, ContractJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }
}
