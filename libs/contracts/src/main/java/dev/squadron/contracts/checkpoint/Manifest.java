package dev.squadron.contracts.checkpoint;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Recipe;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint is and came from: {@code checkpoints/<model>/<id>/squadron.json}, written after every object it names.
 *
 * @param version of this form, 1
 * @param id the first 16 hexadecimal digits of the SHA-256 of its weights, which are the first of its objects
 * @param kind what was trained, by the label of {@link Recipe.Tune}, which says what it consists of: {@code head} {@code
 *     lm_head.safetensors} and both configs; {@code lora} {@code adapter_model.safetensors} and adapter_config.json, as PEFT has
 *     them; {@code last_n_blocks} and {@code full} a whole model, {@code model.safetensors}, as transformers has it
 * @param base the model that it belongs to
 * @param objects what it consists of
 * @param recipe how it was trained; null where it was imported
 * @param data what it was trained on; null where it was imported
 * @param metrics before and after: {@code baseline_exact}, {@code baseline_f1}, {@code baseline_validation_loss}, {@code
 *     exact}, {@code f1}, {@code validation_loss}, {@code train_loss}; of a fold also {@code anchor_} and the gate's metric, which the
 *     head before the first fold had
 * @param parent id of the checkpoint that training started from; null: the model's own head
 * @param run the run that made it; null where it was imported
 * @param createdAt when
 * @param fold what continuous training folded into its parent; null where it was trained otherwise
 */
public record Manifest(
        int version,
        String id,
        String kind,
        BaseModel base,
        List<StoredObject> objects,
        Recipe recipe,
        Data data,
        Map<String, Double> metrics,
        String parent,
        String run,
        Instant createdAt,
        Fold fold) {

    /** The version that this code writes. */
    public static final int VERSION = 1;

    /** Describes a checkpoint that no fold made. */
    public Manifest(
            int version,
            String id,
            String kind,
            BaseModel base,
            List<StoredObject> objects,
            Recipe recipe,
            Data data,
            Map<String, Double> metrics,
            String parent,
            String run,
            Instant createdAt) {
        this(version, id, kind, base, objects, recipe, data, metrics, parent, run, createdAt, null);
    }

    /**
     * The model that a checkpoint belongs to.
     *
     * @param name as its users name it
     * @param revision the hub's commit; null for a directory
     * @param sha256 of its weights
     */
    public record BaseModel(String name, String revision, String sha256) {}

    /**
     * An object of the checkpoint.
     *
     * @param name its file name
     * @param key where it lies in the bucket
     * @param size in bytes
     * @param sha256 of its bytes
     */
    public record StoredObject(String name, String key, long size, String sha256) {}

    /**
     * What was learned from.
     *
     * @param dataset the data set
     * @param topic where its token batches stand
     * @param partitions the range of each partition, by number
     * @param records how many examples, by split
     */
    public record Data(String dataset, String topic, List<PartitionRange> partitions, Map<String, Long> records) {}

    /**
     * A range of a partition of the token batches.
     *
     * @param partition its number
     * @param from first offset
     * @param to offset behind the last, the seal's
     * @param records examples in it
     */
    public record PartitionRange(int partition, long from, long to, long records) {}

    /** Returns where the manifest of a checkpoint lies in the bucket. */
    public static String key(String model, String id) {
        return folder(model, id) + "squadron.json";
    }

    /** Returns the folder of a checkpoint, with a slash at its end; a model's {@code org/name} becomes {@code org--name}. */
    public static String folder(String model, String id) {
        return "checkpoints/" + model.replace("/", "--") + "/" + id + "/";
    }

    /** Returns the manifest as UTF-8 JSON. */
    public byte[] write() {
        return ContractJson.write(this);
    }

    /**
     * Reads a manifest.
     *
     * @throws InvalidMessage {@code unknown-version}, or those of {@link ContractJson#read}
     */
    public static Manifest read(byte[] utf8) throws InvalidMessage {
        Manifest manifest = ContractJson.read(utf8, Manifest.class);
        if (manifest.version != VERSION) {
            throw new InvalidMessage(
                    "unknown-version",
                    "The manifest has version " + manifest.version + " and this Squadron reads " + VERSION
                            + "; use a newer one.");
        }
        return manifest;
    }
}
