package dev.squadron.inference;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.LoraConfig;
import dev.squadron.seq2seq.lora.PeftDirectory;
import dev.squadron.text.hub.ModelDirectory;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Makes checkpoints as the trainer does, and announces them. */
@ApplicationScoped
public class TestCheckpoints {
    private final ObjectStore store;
    private final Seq2SeqModel model;
    private final ModelSettings settings;
    private final KafkaClients clients;

    TestCheckpoints(ObjectStore store, Seq2SeqModel model, ModelSettings settings, KafkaClients clients) {
        this.store = store;
        this.model = model;
        this.settings = settings;
        this.clients = clients;
    }

    /** Writes a head that says what the model's own head says, with other scores. */
    CheckpointRef write(float scale) throws Exception {
        float[] weights = model.pretrainedHead().toArray();
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= scale;
        }
        return write(weights, model.config().vocabSize(), model.sha256());
    }

    /** Writes a head of any shape, for any base model. */
    CheckpointRef write(float[] weights, int rows, String baseSha256) throws Exception {
        Path directory = Files.createTempDirectory("head");
        Path file = directory.resolve(CheckpointStore.HEAD);
        try (Head head = Head.of(weights, rows, weights.length / rows)) {
            head.write(file);
        }
        String id = CheckpointStore.id(file);
        return new CheckpointStore(store, directory.resolve("cache"))
                .write(
                        "squadlet",
                        CheckpointStore.HEAD,
                        Map.of(CheckpointStore.HEAD, file),
                        objects -> new Manifest(
                                Manifest.VERSION,
                                id,
                                "head",
                                new Manifest.BaseModel(ModelDirectory.nameOf(settings.name()), null, baseSha256),
                                objects,
                                Recipe.tutorial(),
                                new Manifest.Data("handbook", Topics.TOKEN_BATCHES, List.of(), Map.of("train", 8L)),
                                Map.of("f1", 50.0),
                                null,
                                "run",
                                Instant.parse("2026-11-23T12:00:00Z")));
    }

    /**
     * Writes a checkpoint that was imported.
     *
     * @param weights the name of the file that names it
     * @param files by name
     */
    CheckpointRef write(Recipe.Tune kind, String weights, Map<String, Path> files) throws Exception {
        String name = ModelDirectory.nameOf(settings.name());
        String id = CheckpointStore.id(files.get(weights));
        return new CheckpointStore(store, Files.createTempDirectory("cache"))
                .write(
                        name,
                        weights,
                        files,
                        objects -> new Manifest(
                                Manifest.VERSION,
                                id,
                                kind.label(),
                                new Manifest.BaseModel(name, null, model.sha256()),
                                objects,
                                null,
                                null,
                                Map.of(),
                                null,
                                null,
                                Instant.parse("2026-11-23T12:00:00Z")));
    }

    /** Writes an adapter that changes what the model says. */
    CheckpointRef writeAdapter() throws Exception {
        LoraConfig config = LoraConfig.of(2, 4, "q", "v");
        LoraAdapter initial = LoraAdapter.initial(config, model.config(), 7);
        Random random = new Random(7);
        SortedMap<String, LoraAdapter.Change> changes = new TreeMap<>();
        initial.changes().forEach((weight, change) -> {
            float[] b = new float[change.b().length];
            for (int i = 0; i < b.length; i++) {
                b[i] = (float) random.nextGaussian() * 0.02f;
            }
            changes.put(weight, new LoraAdapter.Change(change.in(), change.out(), change.a(), b));
        });
        Path folder = Files.createTempDirectory("adapter");
        PeftDirectory.write(new LoraAdapter(config, changes), folder, "squadlet");
        return write(
                Recipe.Tune.LORA,
                "adapter_model.safetensors",
                Map.of(
                        "adapter_model.safetensors", folder.resolve("adapter_model.safetensors"),
                        "adapter_config.json", folder.resolve("adapter_config.json")));
    }

    /** Writes a whole model: the one that serves. */
    CheckpointRef writeModel(Path directory) throws Exception {
        return write(
                Recipe.Tune.FULL,
                "model.safetensors",
                Map.of(
                        "model.safetensors", directory.resolve("model.safetensors"),
                        "config.json", directory.resolve("config.json"),
                        "generation_config.json", directory.resolve("generation_config.json")));
    }

    /** Overwrites an object of the bucket. */
    void overwrite(String key, byte[] bytes) {
        store.put(key, bytes);
    }

    /** Announces a checkpoint that is to serve. */
    void promote(CheckpointRef live, CheckpointRef previous) throws Exception {
        CheckpointEvent event = new CheckpointEvent(
                CheckpointEvent.Type.PROMOTED,
                ModelDirectory.nameOf(settings.name()),
                live,
                live,
                previous,
                Map.of("exact", 40.0, "f1", 50.0),
                null,
                Instant.now());
        publish(Topics.CHECKPOINTS, ModelDirectory.nameOf(settings.name()), Headers.TYPE_CHECKPOINT, event);
    }

    /** Announces a checkpoint that the gate keeps out. */
    void reject(CheckpointRef checkpoint, CheckpointRef live, String reason) throws Exception {
        String name = ModelDirectory.nameOf(settings.name());
        publish(
                Topics.CHECKPOINTS,
                name,
                Headers.TYPE_CHECKPOINT,
                new CheckpointEvent(
                        CheckpointEvent.Type.REJECTED,
                        name,
                        checkpoint,
                        live,
                        null,
                        Map.of("exact", 39.0, "f1", 48.0),
                        reason,
                        Instant.now()));
    }

    /** Publishes a message as another service would. */
    void publish(String topic, String key, String type, Object message) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Patience.WORK)) {
            producer.send(new Messages("/squadron/test", Clock.systemUTC()).json(topic, key, type, message))
                    .get();
        }
    }
}
