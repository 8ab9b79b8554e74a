package dev.squadron.ingest.config;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.ingest.domain.SourceReader;
import dev.squadron.ingest.source.Sources;
import dev.squadron.ingest.source.Uploads;
import dev.squadron.ingest.source.WebSource;
import dev.squadron.kit.config.StoreSettings;
import dev.squadron.text.hub.HubConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Puts ingest together from the settings. */
@ApplicationScoped
public class IngestParts {
    @Produces
    @Singleton
    SourceReader sources(ObjectStore store, StoreSettings bucket, IngestSettings settings) {
        return new Sources(
                store,
                bucket.bucket(),
                settings.directories().orElse(List.of()),
                new WebSource(settings.allowPrivateAddresses()),
                HubConfig.of(System.getenv()));
    }

    @Produces
    @Singleton
    Uploads uploads(ObjectStore store, IngestSettings settings) {
        return new Uploads(store, settings.maxUploadBytes());
    }
}
