package dev.squadron.cli.command;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.model.ModelDownload;
import dev.squadron.cli.model.TrainedModel;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.huggingface.ModelExport;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.PeftDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a trained model as other libraries have it. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Write a trained model as transformers loads it, or an adapter as PEFT loads it.")
public final class ExportCommand implements Callable<Integer> {
    /** Whose form is written. */
    enum Format {
        huggingface,
        peft
    }

    /** Form of the numbers. */
    enum Dtype {
        float32,
        bfloat16
    }

    @Option(
            names = "--model",
            required = true,
            description = "A model's directory, s3://bucket/key, or its name on the hub.")
    private String model;

    @Option(
            names = "--head",
            description =
                    "A checkpoint's folder, of a head or of an adapter, or a head's file. Default: the model as it is.")
    private Path checkpoint;

    @Option(
            names = "--format",
            defaultValue = "huggingface",
            description = "${COMPLETION-CANDIDATES}: a whole model, an adapter merged in, or the adapter alone."
                    + " Default: ${DEFAULT-VALUE}.")
    private Format format;

    @Option(
            names = "--dtype",
            defaultValue = "float32",
            description = "${COMPLETION-CANDIDATES}; of a whole model. Default: ${DEFAULT-VALUE}.")
    private Dtype dtype;

    @Option(names = "--out", required = true, description = "The folder to write; it must be empty or not there yet.")
    private Path out;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        Path directory = ModelDownload.fetch(model, console).path();
        TrainedModel trained = TrainedModel.open(directory, checkpoint);
        try {
            if (format == Format.peft) {
                LoraAdapter adapter = trained.adapter()
                        .orElseThrow(() -> new CliException("Only an adapter can be written for PEFT, and "
                                + (checkpoint == null ? "--head names none" : checkpoint + " is none")
                                + "; name the folder of a checkpoint of LoRA, or leave --format out."));
                PeftDirectory.write(adapter, out, model);
            } else {
                try (Head head = trained.head()) {
                    DType type = dtype == Dtype.float32 ? DType.F32 : DType.BF16;
                    new ModelExport(directory, trained.weights(), head, type, ModelExport.SHARD_BYTES).write(out);
                }
            }
        } catch (IOException e) {
            throw new CliException("The model cannot be written to " + out + ": " + e.getMessage(), e);
        }
        if (output.isJson()) {
            console.json(Map.of("format", format.name(), "out", out.toString()));
        } else {
            console.say("Written for %s: %s", format == Format.peft ? "PEFT" : "transformers", out);
        }
        return 0;
    }
}
