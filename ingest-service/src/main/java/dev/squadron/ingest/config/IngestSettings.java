package dev.squadron.ingest.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Settings of ingest-service. */
@ConfigMapping(prefix = "squadron.ingest")
public interface IngestSettings {

    /** Folders that {@code file:} sources may lie in; none: there are no {@code file:} sources. */
    Optional<List<Path>> directories();

    /** Whether {@code http(s)} sources may lead into private networks. */
    @WithDefault("false")
    boolean allowPrivateAddresses();

    /** Most bytes of an upload. */
    @WithDefault("2147483648")
    @Min(1) long maxUploadBytes();

    /** Data sets that are taken in at a time. */
    @WithDefault("4")
    @Min(1) @Max(64) int concurrentDatasets();
}
