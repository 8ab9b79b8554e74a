package dev.squadron.text.hub;

import dev.squadron.text.hub.HubClient.Snapshot;
import java.nio.file.Path;
import java.util.List;

/** A model of the hub, at one commit. */
final class HubModel implements ModelFiles {
    private final HubClient hub;
    private final Snapshot snapshot;

    HubModel(HubClient hub, Snapshot snapshot) {
        this.hub = hub;
        this.snapshot = snapshot;
    }

    @Override
    public boolean has(String file) {
        return snapshot.files().contains(file);
    }

    @Override
    public Path fetch(List<String> files, DownloadProgress progress) {
        hub.fetch(snapshot, files, progress);
        return hub.directory(snapshot);
    }

    @Override
    public RuntimeException missing(String file) {
        if (snapshot.cached()) {
            return hub.notCached(snapshot, file);
        }
        String from = ".from_pretrained(\"" + snapshot.repository().name() + "\").save_pretrained(\"DIR\")";
        return new HubException(snapshot.repository().name() + " has no " + file
                + (file.equals(ModelDirectory.WEIGHTS)
                        ? ", and pickled weights (pytorch_model.bin) can run code and are never loaded"
                        : "")
                + ". Name a revision that has it, or save it by Python's transformers and name DIR instead:"
                + " AutoModelForSeq2SeqLM" + from + "; AutoTokenizer" + from);
    }
}
