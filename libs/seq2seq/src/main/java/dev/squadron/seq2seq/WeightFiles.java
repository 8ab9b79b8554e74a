package dev.squadron.seq2seq;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.TensorView;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The weights of a model's directory: {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} names. */
public final class WeightFiles implements Weights {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final Path directory;
    private final Map<String, SafetensorsFile> files;
    private final Map<String, TensorView> tensors;

    private WeightFiles(Path directory, Map<String, SafetensorsFile> files, Map<String, TensorView> tensors) {
        this.directory = directory;
        this.files = files;
        this.tensors = tensors;
    }

    /**
     * Opens the weights; they are mapped, not read.
     *
     * @throws ModelException where there are none, or the index names what is not there
     */
    public static WeightFiles open(Path directory) {
        try {
            Map<String, SafetensorsFile> files = new TreeMap<>();
            Map<String, TensorView> tensors = new HashMap<>();
            if (Files.exists(directory.resolve(SINGLE))) {
                SafetensorsFile file = SafetensorsFile.open(directory.resolve(SINGLE));
                files.put(SINGLE, file);
                tensors.putAll(file.tensors());
            } else if (Files.exists(directory.resolve(INDEX))) {
                openShards(directory, files, tensors);
            } else {
                throw new ModelException(directory + " has neither " + SINGLE + " nor " + INDEX
                        + "; a model with pickled weights alone must be saved again as safetensors"
                        + " (save_pretrained of transformers does).");
            }
            return new WeightFiles(directory, files, tensors);
        } catch (IOException e) {
            throw new ModelException("The weights in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void openShards(Path directory, Map<String, SafetensorsFile> files, Map<String, TensorView> tensors)
            throws IOException {
        Path index = directory.resolve(INDEX);
        JsonNode map;
        try {
            map = ContractJson.readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (InvalidMessage e) {
            throw new ModelException(index + " cannot be read: " + e.getMessage(), e);
        }
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asText();
            if (!shard.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
                throw new ModelException(
                        index + " names the file “" + shard + "”; a shard is a .safetensors file beside it.");
            }
            if (!Files.exists(directory.resolve(shard))) {
                throw new ModelException(index + " names " + shard + ", which is not there; fetch the model again.");
            }
            if (!files.containsKey(shard)) {
                files.put(shard, SafetensorsFile.open(directory.resolve(shard)));
            }
            tensors.put(entry.getKey(), files.get(shard).tensor(entry.getKey()));
        }
    }

    @Override
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public TensorView tensor(String name, long... shape) {
        TensorView tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelException(
                    directory + " lacks the tensor " + name + "; is config.json that of these weights?");
        }
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!tensor.shape().equals(wanted)) {
            throw new ModelException("The tensor " + name + " in " + directory + " has the shape " + tensor.shape()
                    + " and config.json asks for " + wanted + "; they belong to different models.");
        }
        return tensor;
    }

    @Override
    public void require(Iterable<String> names) {
        SortedSet<String> missing = new TreeSet<>();
        names.forEach(name -> {
            if (!has(name)) {
                missing.add(name);
            }
        });
        if (!missing.isEmpty()) {
            throw new ModelException(directory + " lacks the tensors " + String.join(", ", missing)
                    + "; is config.json that of these weights, and are they all of it?");
        }
    }

    @Override
    public String sha256() {
        try {
            MessageDigest all = MessageDigest.getInstance("SHA-256");
            for (String name : files.keySet()) {
                all.update((name + " " + sha256(directory.resolve(name)) + "\n").getBytes(UTF_8));
            }
            return HexFormat.of().formatHex(all.digest());
        } catch (IOException e) {
            throw new ModelException("The weights in " + directory + " cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
