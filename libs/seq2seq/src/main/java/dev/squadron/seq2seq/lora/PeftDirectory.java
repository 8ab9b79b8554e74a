package dev.squadron.seq2seq.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ConfigFile;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An adapter on disk as the library PEFT has it: {@code adapter_config.json} and {@code adapter_model.safetensors}. Written are the
 * keys that all its versions know; read is every adapter of plain LoRA on matrices.
 */
public final class PeftDirectory {
    private static final String CONFIG = "adapter_config.json";
    private static final String TENSORS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";

    /** Keys that must be false, null or empty for an adapter to be plain LoRA. */
    private static final List<String> NOT_KNOWN = List.of(
            "alpha_pattern",
            "fan_in_fan_out",
            "layer_replication",
            "lora_bias",
            "modules_to_save",
            "rank_pattern",
            "target_parameters",
            "trainable_token_indices",
            "use_bdlora",
            "use_dora",
            "use_qalora");

    private PeftDirectory() {}

    /**
     * Writes an adapter; equal adapters give equal bytes.
     *
     * @param directory is made where it is not there
     * @param baseModel the model's directory or its name on the hub, for {@code base_model_name_or_path}
     */
    public static void write(LoraAdapter adapter, Path directory, String baseModel) throws IOException {
        Files.createDirectories(directory);
        List<TensorView> tensors = new ArrayList<>();
        adapter.matrices()
                .forEach((name, matrix) ->
                        tensors.add(new TensorView(PREFIX + name, matrix.dtype(), matrix.shape(), matrix.data())));
        SafetensorsWriter.write(directory.resolve(TENSORS), tensors, Map.of("format", "pt"));
        Files.write(
                directory.resolve(CONFIG),
                ContractJson.mapper()
                        .writerWithDefaultPrettyPrinter()
                        .writeValueAsBytes(config(adapter.config(), baseModel)));
    }

    /**
     * Reads an adapter.
     *
     * @param model what it adapts
     * @throws ModelException where it is broken, belongs to another model, or is more than plain LoRA
     */
    public static LoraAdapter read(Path directory, ModelConfig model) {
        LoraConfig config = config(ConfigFile.read(directory.resolve(CONFIG)));
        Path path = directory.resolve(TENSORS);
        try {
            SafetensorsFile file = SafetensorsFile.open(path);
            LoraAdapter adapter = LoraAdapter.of(config, model, (name, shape) -> tensor(file, PREFIX + name, shape));
            if (file.tensors().size() != adapter.matrices().size()) {
                SortedSet<String> others = new TreeSet<>(file.tensors().keySet());
                adapter.matrices().keySet().forEach(name -> others.remove(PREFIX + name));
                throw new ModelException(path + " has tensors that its " + CONFIG + " does not name: " + others + ".");
            }
            return adapter;
        } catch (IOException e) {
            throw new ModelException("The adapter " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static TensorView tensor(SafetensorsFile file, String name, List<Long> shape) {
        TensorView tensor = file.tensors().get(name);
        if (tensor == null || !tensor.shape().equals(shape)) {
            throw new ModelException(file.file() + " has " + (tensor == null ? "no" : "another") + " tensor " + name
                    + (tensor == null ? "" : ", of the shape " + tensor.shape()) + "; this model needs the shape "
                    + shape
                    + ". Is it an adapter of this model?");
        }
        return tensor;
    }

    private static ObjectNode config(LoraConfig lora, String baseModel) {
        ObjectNode json = ContractJson.mapper().createObjectNode();
        json.putObject("alpha_pattern");
        json.putNull("auto_mapping");
        json.put("base_model_name_or_path", baseModel);
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.putNull("layers_pattern");
        json.putNull("layers_to_transform");
        if (lora.alpha() == Math.rint(lora.alpha())) {
            json.put("lora_alpha", (long) lora.alpha());
        } else {
            json.put("lora_alpha", lora.alpha());
        }
        json.put("lora_dropout", lora.dropout());
        json.putNull("modules_to_save");
        json.put("peft_type", "LORA");
        json.put("r", lora.rank());
        json.putObject("rank_pattern");
        json.putNull("revision");
        ArrayNode targets = json.putArray("target_modules");
        lora.targetModules().forEach(targets::add);
        json.put("task_type", "SEQ_2_SEQ_LM");
        json.put("use_dora", false);
        json.put("use_rslora", false);
        return json;
    }

    private static LoraConfig config(ConfigFile file) {
        if (!file.text("peft_type", "").equals("LORA")) {
            throw file.broken("peft_type", "is “" + file.text("peft_type", "") + "”; known is LORA");
        }
        if (!file.text("bias", "none").equals("none")) {
            throw file.broken("bias", "is “" + file.text("bias", "") + "”; known is none");
        }
        for (String key : NOT_KNOWN) {
            JsonNode value = file.json().path(key);
            if (!value.isMissingNode()
                    && !value.isNull()
                    && !value.equals(ContractJson.mapper().getNodeFactory().booleanNode(false))
                    && !(value.isContainerNode() && value.isEmpty())) {
                throw file.broken(key, "is " + value + "; known are adapters without it");
            }
        }
        JsonNode targets = file.json().path("target_modules");
        if (!targets.isArray() || targets.isEmpty()) {
            throw file.broken("target_modules", "is " + targets + "; it must list names of modules");
        }
        SortedSet<String> names = new TreeSet<>();
        targets.forEach(name -> names.add(name.asText()));
        int rank = file.size("r");
        double alpha = file.json().path("lora_alpha").asDouble(8);
        double scaled = file.flag("use_rslora", false) ? alpha * Math.sqrt(rank) : alpha;
        return new LoraConfig(rank, scaled, file.json().path("lora_dropout").asDouble(0), names);
    }
}
