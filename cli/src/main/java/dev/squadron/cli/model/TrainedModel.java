package dev.squadron.cli.model;

import dev.squadron.cli.CliException;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.PeftDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model with what training has made of it, on disk.
 *
 * @param config of the model
 * @param weights of the backbone, an adapter merged in
 * @param adapter what LoRA has learned, where it has
 * @param headFile the trained head, where there is one; otherwise it is the model's own
 */
public record TrainedModel(
        ModelConfig config, Weights weights, Optional<LoraAdapter> adapter, Optional<Path> headFile) {

    /**
     * Opens a model and what belongs to it.
     *
     * @param directory the model's
     * @param checkpoint a checkpoint's folder, of a head or of an adapter, or a head's file; null: the model as it is
     */
    public static TrainedModel open(Path directory, Path checkpoint) {
        ModelConfig config = ModelConfig.read(directory);
        Weights base = WeightFiles.open(directory);
        if (checkpoint == null) {
            return new TrainedModel(config, base, Optional.empty(), Optional.empty());
        }
        if (Files.exists(checkpoint.resolve("adapter_config.json"))) {
            LoraAdapter adapter = PeftDirectory.read(checkpoint, config);
            return new TrainedModel(config, adapter.on(config, base), Optional.of(adapter), Optional.empty());
        }
        Path file = Files.isDirectory(checkpoint) ? checkpoint.resolve("lm_head.safetensors") : checkpoint;
        if (!Files.exists(file)) {
            throw new CliException("There is no head " + file + "; name the folder of a checkpoint, with its"
                    + " lm_head.safetensors or adapter_config.json in it, or the head's file. A checkpoint of a whole"
                    + " model is a model itself: name it with --model.");
        }
        return new TrainedModel(config, base, Optional.empty(), Optional.of(file));
    }

    /** Returns the head; the caller closes it. */
    public Head head() {
        return headFile.map(Head::read).orElseGet(() -> config.pretrainedHead(weights));
    }
}
