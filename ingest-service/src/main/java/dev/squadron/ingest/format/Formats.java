package dev.squadron.ingest.format;

import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.record.Split;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.SourceException;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The known formats. */
public final class Formats {
    public static final String SQUAD = "squad";
    public static final String JSON_LINES = "jsonl";
    public static final String PARQUET = "parquet";
    private static final List<String> KNOWN = List.of(SQUAD, JSON_LINES, PARQUET);

    private Formats() {}

    /**
     * Returns the format of a source.
     *
     * @param named what its user says; null: by the ending of its name
     * @throws SourceException when it is none of the known ones
     */
    public static String of(String named, String name) {
        if (named != null) {
            if (!KNOWN.contains(named)) {
                throw new SourceException("The format “" + named + "” is unknown; use one of " + KNOWN + ".");
            }
            return named;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
            return JSON_LINES;
        }
        return lower.endsWith(".parquet") ? PARQUET : SQUAD;
    }

    /** Reads SQuAD or JSON Lines from a stream, which is closed with what is returned. */
    public static Candidates read(Source source, InputStream in, String dataset) throws IOException {
        return switch (source.format()) {
            case SQUAD ->
                new SquadFormat(
                        new SquadReader(source.uri(), in),
                        dataset,
                        Objects.requireNonNullElse(split(source), Split.TRAIN));
            case JSON_LINES -> new JsonLinesFormat(source.uri(), in, columns(source, dataset));
            default ->
                throw new SourceException(
                        "The format " + source.format() + " cannot be read from a stream; name a file of the hub.");
        };
    }

    /** Reads Parquet from a file. */
    public static Candidates read(Source source, Path file, String dataset) {
        return new ParquetFormat(file, columns(source, dataset));
    }

    private static Columns columns(Source source, String dataset) {
        return new Columns(dataset, split(source), Objects.requireNonNullElse(source.columns(), Map.of()));
    }

    private static Split split(Source source) {
        return source.split() == null
                ? null
                : Split.of(source.split())
                        .orElseThrow(() -> new SourceException(
                                "The split “" + source.split() + "” is unknown; use train or validation."));
    }
}
