package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.BaseModel;
import dev.squadron.contracts.checkpoint.Manifest.Data;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.learning.Learner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns what a run has learned into a checkpoint that says where it comes from. */
final class CheckpointWriter {
    private final LoadedModel model;
    private final CheckpointStore store;
    private final Path scratch;
    private final Clock clock;

    /** A checkpoint that has been written, and what this run says of it, even where an earlier run wrote the same one. */
    record Written(CheckpointRef ref, Manifest manifest) {}

    /** @param scratch folder for files on their way */
    CheckpointWriter(LoadedModel model, CheckpointStore store, Path scratch, Clock clock) {
        this.model = model;
        this.store = store;
        this.scratch = scratch;
        this.clock = clock;
    }

    /** Writes a checkpoint of what {@code learner} has learned. */
    Written write(RunEvent run, Learner learner, Dataset dataset, Map<String, Double> metrics) {
        try (ScratchFolder folder = new ScratchFolder(scratch)) {
            String weights = learner.writeCheckpoint(folder.path());
            Map<String, Path> files = new HashMap<>(model.configFiles());
            files.putAll(folder.files());
            String id = CheckpointStore.id(files.get(weights));
            Manifest[] manifest = new Manifest[1];
            CheckpointRef ref = store.write(run.model(), weights, files, objects -> {
                manifest[0] = manifest(run, id, objects, dataset, metrics);
                return manifest[0];
            });
            return new Written(ref, manifest[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The checkpoint of run " + run.run() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Manifest manifest(
            RunEvent run, String id, List<StoredObject> objects, Dataset dataset, Map<String, Double> metrics) {
        return new Manifest(
                Manifest.VERSION,
                id,
                run.recipe().tune().label(),
                new BaseModel(run.model(), model.revision(), model.model().sha256()),
                objects,
                run.recipe(),
                new Data(
                        run.dataset(),
                        Topics.TOKEN_BATCHES,
                        dataset.ranges(),
                        Map.of(
                                "train", (long) dataset.train().size(),
                                "validation", (long) dataset.validation().size())),
                metrics,
                run.fold() == null ? null : run.fold().parentId(),
                run.run(),
                clock.instant(),
                run.fold());
    }
}
