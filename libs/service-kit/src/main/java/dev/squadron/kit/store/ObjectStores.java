package dev.squadron.kit.store;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.kit.config.StoreSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives a service the bucket of its settings. */
@ApplicationScoped
public class ObjectStores {
    @Produces
    @Singleton
    ObjectStore open(StoreSettings settings) {
        return ObjectStore.open(config(settings));
    }

    void close(@Disposes ObjectStore store) {
        store.close();
    }

    static StoreConfig config(StoreSettings settings) {
        return new StoreConfig(
                settings.endpoint(), settings.region(), settings.bucket(), settings.accessKey(), settings.secretKey());
    }
}
