package dev.squadron.trainer.endpoint;

import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.text.hub.ModelDirectory;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.UUID;

/** What requests for runs and for sweeps have in common. */
final class Requests {
    static final String NAME = "[a-z0-9][a-z0-9._-]*";
    static final String NAME_RULE = "must match [a-z0-9][a-z0-9._-]*, for instance handbook-1";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private Requests() {}

    /** Refuses what is no name of a data set. */
    static void checkDataset(String dataset) {
        if (!RecordLimits.DATASET.matcher(dataset).matches()) {
            throw ProblemException.unusable(
                    "bad-name", "The dataset's name must match " + RecordLimits.DATASET.pattern() + ".");
        }
    }

    /**
     * Returns the model to train, which must be the one that is loaded.
     *
     * @param wanted null: the one that is loaded
     */
    static String model(String wanted, ModelSettings settings) {
        String loaded = ModelDirectory.nameOf(settings.name());
        if (wanted != null && !wanted.equals(loaded)) {
            throw ProblemException.unusable(
                    "other-model",
                    "This trainer has the model " + loaded + " and not " + wanted
                            + "; leave model out, or start a trainer with squadron.model.name=" + wanted + ".");
        }
        return loaded;
    }

    /**
     * Returns the name that was given, or makes one.
     *
     * @param given null: make one
     */
    static String name(String given, String dataset, Instant now) {
        return Objects.requireNonNullElseGet(
                given,
                () -> dataset + "-" + STAMP.format(now) + "-"
                        + UUID.randomUUID().toString().substring(0, 4));
    }
}
