package dev.squadron.cli.model;

import dev.squadron.checkpoints.model.Models;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.cli.Console;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.hub.ModelDirectory.Need;
import java.util.Locale;

/** Brings a model to this machine before the eyes of a person. */
public final class ModelDownload {
    private ModelDownload() {}

    /**
     * Finds a model, and fetches what is missing of it; of the hub, the revision in {@code SQUADRON_MODEL_REVISION}.
     *
     * @param name its directory, {@code s3://bucket/key}, or its name on the hub
     * @param console is shown how it goes on
     */
    public static ModelDirectory fetch(String name, Console console) {
        return new Models(HubConfig.of(System.getenv()), StoreConfig.of(System.getenv()))
                .find(
                        name,
                        System.getenv().getOrDefault("SQUADRON_MODEL_REVISION", "main"),
                        Need.WEIGHTS,
                        (done, total) -> console.bar("fetch", (double) done / total, megabytes(done, total)));
    }

    private static String megabytes(long done, long total) {
        return String.format(Locale.ROOT, "%,d of %,d MB", done / 1_000_000, total / 1_000_000);
    }
}
