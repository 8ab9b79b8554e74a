package dev.squadron.checkpoints.model;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.text.hub.DownloadProgress;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.hub.ModelDirectory.Need;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds a model by what its users call it: a directory, {@code s3://bucket/key}, or a name of the hub. */
public final class Models {
    private static final Pattern S3 = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.*[^/])/*");

    private final HubConfig hub;
    private final StoreConfig store;

    /**
     * Looks in these places.
     *
     * @param hub the hub, and the cache that everything is fetched into
     * @param store the S3 server; its models may lie in any of its buckets
     */
    public Models(HubConfig hub, StoreConfig store) {
        this.hub = hub;
        this.store = store;
    }

    /**
     * Finds a model, and fetches what is missing and needed.
     *
     * @param revision a branch, tag or commit on the hub
     * @throws dev.squadron.text.hub.HubException when it is neither a directory nor can be had from the hub
     * @throws StoreException when it cannot be had from the S3 server
     */
    public ModelDirectory find(String name, String revision, Need need, DownloadProgress progress) {
        if (!name.startsWith("s3://")) {
            return ModelDirectory.resolve(name, revision, need, hub, progress);
        }
        Matcher address = S3.matcher(name);
        if (!address.matches()) {
            throw new StoreException(
                    "“" + name + "” names no model; name its folder, as s3://bucket/models/flan-t5-small.");
        }
        try (ObjectStore bucket = ObjectStore.open(store.withBucket(address.group(1)))) {
            StoredModel files = new StoredModel(bucket, name, address.group(2), hub.cache());
            Path path = ModelDirectory.fetch(files, need, progress);
            return new ModelDirectory(path, ModelDirectory.nameOf(name), Optional.empty());
        }
    }
}
