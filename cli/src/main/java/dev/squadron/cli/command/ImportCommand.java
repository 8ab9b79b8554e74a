package dev.squadron.cli.command;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.model.CheckpointFiles;
import dev.squadron.cli.model.ModelDownload;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackSettings;
import dev.squadron.cli.stack.StackState;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.text.hub.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a checkpoint of what other libraries, or an export, have written. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description =
                "Make a checkpoint of the running stack out of a folder: an adapter of PEFT, a model of transformers that"
                        + " was trained from the stack's, or a head.")
public final class ImportCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FOLDER", description = "What is to be a checkpoint.")
    private Path folder;

    @Option(
            names = "--model",
            required = true,
            description = "The stack's model: its directory, s3://bucket/key, or its name on the hub.")
    private String model;

    @Option(names = "--promote", description = "Let it serve.")
    private boolean promote;

    @Mixin
    private Output output;

    private final Home home = Home.find();

    @Override
    public Integer call() {
        Console console = output.console();
        ModelDirectory base = ModelDownload.fetch(model, console);
        CheckpointFiles files = CheckpointFiles.of(folder, base.path());
        CheckpointRef checkpoint = write(files, base);
        console.say("Checkpoint %s, %s, of %s", checkpoint.id(), files.kind().label(), folder);
        String address = StackState.read(home).address("inference") + "/v1/model";
        if (promote) {
            var unused = new ServiceClient().post(address + "/promotion", Map.of("checkpoint", checkpoint.id()));
            console.say("It serves as soon as it is loaded; `squadron status` tells.");
        } else {
            console.say("To let it serve: POST {\"checkpoint\": \"%s\"} to %s/promotion", checkpoint.id(), address);
        }
        return 0;
    }

    private CheckpointRef write(CheckpointFiles files, ModelDirectory base) {
        String name = ModelDirectory.nameOf(model);
        String sha256 = WeightFiles.open(base.path()).sha256();
        try (ObjectStore store = ObjectStore.open(StackSettings.of(home).store())) {
            String id = CheckpointStore.id(files.files().get(files.weights()));
            return new CheckpointStore(store, home.state().resolve("imports"))
                    .write(
                            name,
                            files.weights(),
                            files.files(),
                            objects -> new Manifest(
                                    Manifest.VERSION,
                                    id,
                                    files.kind().label(),
                                    new Manifest.BaseModel(name, base.revision().orElse(null), sha256),
                                    objects,
                                    null,
                                    null,
                                    Map.of(),
                                    null,
                                    null,
                                    Instant.now()));
        } catch (IOException e) {
            throw new CliException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }
}
