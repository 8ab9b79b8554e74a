package dev.squadron.inference.domain;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.manifest.CheckpointStore.LocalCheckpoint;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.seq2seq.lora.PeftDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints out of the bucket, for one model. One of a head shares the backbone that is loaded; any other comes with a backbone
 * of its own. It counts as loaded when it has answered a question.
 */
public final class CheckpointHeads implements HeadSource {
    private final CheckpointStore store;
    private final Seq2SeqModel model;
    private final Path directory;
    private final Execution execution;
    private final Language language;
    private final Question warmUp;

    /**
     * @param model the backbone; checkpoints of another are refused
     * @param directory where the model's files lie
     * @param execution of backbones that checkpoints bring
     * @param decoding how the first answer is searched
     */
    public CheckpointHeads(
            CheckpointStore store,
            Seq2SeqModel model,
            Path directory,
            Execution execution,
            Language language,
            Decoding decoding) {
        this.store = store;
        this.model = model;
        this.directory = directory;
        this.execution = execution;
        this.language = language;
        this.warmUp = new Question("What is warmed up?", "The head is warmed up before it answers.", decoding);
    }

    /**
     * Returns what points to a checkpoint, if the bucket has one of that id.
     *
     * @param name the model's
     * @throws IOException if the store does not answer
     */
    public Optional<CheckpointRef> find(String name, String id) throws IOException {
        try {
            return store.find(name, id);
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public ServedHead load(Optional<CheckpointRef> checkpoint) throws HeadRefused, IOException {
        if (checkpoint.isEmpty()) {
            return warm(checkpoint, ModelReader.shared(model, model.pretrainedHead()));
        }
        try {
            LocalCheckpoint local = store.read(checkpoint.get());
            String base = local.manifest().base().sha256();
            if (!base.equals(model.sha256())) {
                throw new HeadRefused("The checkpoint " + checkpoint.get().id() + " belongs to the weights " + base
                        + " and this service has " + model.sha256() + "; train it on this model.");
            }
            return warm(checkpoint, reader(local));
        } catch (StoreException e) {
            if (e.getCause() == null || e.getCause() instanceof InvalidMessage) {
                throw new HeadRefused(e.getMessage(), e);
            }
            throw new IOException(e.getMessage(), e);
        } catch (ModelException e) {
            throw new HeadRefused(e.getMessage(), e);
        }
    }

    private Reader reader(LocalCheckpoint local) throws HeadRefused {
        String kind = local.manifest().kind();
        return switch (kind) {
            case "head" -> ModelReader.shared(model, Head.read(local.head()));
            case "lora" ->
                ModelReader.owned(Seq2SeqModel.open(
                        model.config(),
                        model.generationConfig(),
                        PeftDirectory.read(store.folder(local), model.config())
                                .on(model.config(), WeightFiles.open(directory)),
                        execution));
            case "last_n_blocks", "full" -> ModelReader.owned(Seq2SeqModel.load(store.folder(local), execution));
            default ->
                throw new HeadRefused("The checkpoint " + local.manifest().id() + " is of the kind “" + kind
                        + "”, which this Squadron does not know; use a newer one.");
        };
    }

    private ServedHead warm(Optional<CheckpointRef> checkpoint, Reader reader) throws HeadRefused {
        try {
            List<List<Output>> answers = reader.read(List.of(language.encode(warmUp)), warmUp.decoding());
            for (float logProb : answers.get(0).get(0).generated().logProbs()) {
                if (!Float.isFinite(logProb)) {
                    throw new HeadRefused("The head's first answer has the probability " + logProb
                            + "; its weights are not finite. Train it again, with a lower learning rate.");
                }
            }
            return new ServedHead(checkpoint, reader);
        } catch (HeadRefused | RuntimeException e) {
            reader.close();
            throw e;
        } catch (InvalidMessage e) {
            reader.close();
            throw new IllegalStateException("The first question does not fit the model", e);
        }
    }
}
