package dev.squadron.cli.model;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.cli.CliException;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.lora.PeftDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of a folder that make a checkpoint, as they are: an adapter as PEFT writes it, a whole model as transformers writes it, or
 * a head.
 *
 * @param kind what was trained
 * @param weights the name of the file that names the checkpoint
 * @param files by name
 */
public record CheckpointFiles(Tune kind, String weights, Map<String, Path> files) {
    private static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String MODEL = "model.safetensors";

    /**
     * Finds out what a folder holds, and checks that it belongs to a model.
     *
     * @param model the model's directory
     * @throws CliException where the folder holds nothing of the kind, or something of another model
     */
    public static CheckpointFiles of(Path folder, Path model) {
        ModelConfig config = ModelConfig.read(model);
        if (Files.exists(folder.resolve(ADAPTER_CONFIG))) {
            var unused = PeftDirectory.read(folder, config);
            return new CheckpointFiles(Tune.LORA, ADAPTER, files(folder, ADAPTER_CONFIG, ADAPTER));
        }
        if (Files.exists(folder.resolve(CheckpointStore.HEAD))) {
            requireHead(folder.resolve(CheckpointStore.HEAD), config);
            Map<String, Path> files = files(model, CONFIG, "generation_config.json");
            files.putAll(files(folder, CheckpointStore.HEAD));
            return new CheckpointFiles(Tune.HEAD, CheckpointStore.HEAD, files);
        }
        if (Files.exists(folder.resolve(MODEL))) {
            requireSameShapes(folder, config);
            return new CheckpointFiles(Tune.FULL, MODEL, files(folder, CONFIG, "generation_config.json", MODEL));
        }
        throw new CliException(folder + " holds no checkpoint: neither " + ADAPTER_CONFIG + " with " + ADAPTER
                + ", as PEFT"
                + " writes them, nor " + CONFIG + " with " + MODEL + ", as transformers writes them in one piece, nor "
                + CheckpointStore.HEAD + "; export one, or save the model with a larger max_shard_size.");
    }

    private static void requireHead(Path file, ModelConfig config) {
        try (Head head = Head.read(file)) {
            if (head.vocabSize() != config.vocabSize() || head.dModel() != config.dModel()) {
                throw new CliException("The head " + file + " is " + head.vocabSize() + " × " + head.dModel()
                        + " and the model's " + config.vocabSize() + " × " + config.dModel()
                        + "; name the model that it belongs to with --model.");
            }
        }
    }

    private static void requireSameShapes(Path folder, ModelConfig config) {
        ModelConfig found = ModelConfig.read(folder);
        Map<String, long[]> expected = config.weights();
        boolean same = found.weights().size() == expected.size()
                && found.weights().entrySet().stream()
                        .allMatch(each -> Arrays.equals(each.getValue(), expected.get(each.getKey())));
        if (!same) {
            throw new CliException("The model in " + folder + " has other weights than the one of --model by its "
                    + CONFIG + "; a checkpoint of a whole model has the shapes of the model that it was trained from.");
        }
        try {
            Weights weights = WeightFiles.open(folder);
            weights.require(expected.keySet().stream()
                    .map(name -> found.nameIn(weights, name))
                    .toList());
        } catch (ModelException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    private static Map<String, Path> files(Path folder, String... names) {
        Map<String, Path> files = new TreeMap<>();
        Stream.of(names)
                .filter(name -> Files.exists(folder.resolve(name)))
                .forEach(name -> files.put(name, folder.resolve(name)));
        return files;
    }
}
