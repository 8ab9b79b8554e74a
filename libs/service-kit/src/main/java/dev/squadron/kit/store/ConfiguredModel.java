package dev.squadron.kit.store;

import dev.squadron.checkpoints.model.Models;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.config.StoreSettings;
import dev.squadron.text.hub.DownloadProgress;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.hub.ModelDirectory.Need;
import jakarta.inject.Singleton;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The model that a service is set to work with. */
@Singleton
public class ConfiguredModel {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredModel.class);

    private final ModelSettings model;
    private final StoreSettings store;

    ConfiguredModel(ModelSettings model, StoreSettings store) {
        this.model = model;
        this.store = store;
    }

    /** Returns the model's directory on this machine's disk; what is missing and needed is fetched, which the log tells. */
    public ModelDirectory fetch(Need need) {
        return new Models(HubConfig.of(System.getenv()), ObjectStores.config(store))
                .find(model.name(), model.revision(), need, new LoggedDownload(model.name()));
    }

    /** Tells the log of each tenth of a download. */
    private static final class LoggedDownload implements DownloadProgress {
        private final String name;
        private long told = -1;

        LoggedDownload(String name) {
            this.name = name;
        }

        @Override
        public void at(long done, long total) {
            long tenths = 10 * done / Math.max(1, total);
            if (tenths != told) {
                told = tenths;
                LOG.info("Fetching {}: {} of {} MB", name, done / 1_000_000, total / 1_000_000);
            }
        }
    }
}
