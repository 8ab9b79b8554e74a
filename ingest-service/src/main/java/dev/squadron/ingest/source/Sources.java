package dev.squadron.ingest.source;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.SourceException;
import dev.squadron.ingest.domain.SourceReader;
import dev.squadron.ingest.format.Formats;
import dev.squadron.text.hub.HubClient;
import dev.squadron.text.hub.HubClient.Snapshot;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.HubException;
import dev.squadron.text.hub.HubRepository;
import dev.squadron.text.hub.HubRepository.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sources by their URI: {@code upload:<sha256>}, {@code s3://bucket/key} of the service's own bucket, {@code file:} beneath the
 * allowed folders, {@code http(s)://}, or the name of a data set on the hub.
 */
public final class Sources implements SourceReader {
    private static final Map<String, String> SHORT_NAMES =
            Map.of("squad", "rajpurkar/squad", "squad_v2", "rajpurkar/squad_v2");
    private static final String HUB = "hub:";

    private final ObjectStore store;
    private final String bucket;
    private final List<Path> directories;
    private final WebSource web;
    private final HubConfig hub;

    /**
     * Reads from where it is allowed to.
     *
     * @param bucket the name of the bucket of {@code store}
     * @param directories the folders that {@code file:} may name
     */
    public Sources(ObjectStore store, String bucket, List<Path> directories, WebSource web, HubConfig hub) {
        this.store = store;
        this.bucket = bucket;
        this.directories = List.copyOf(directories);
        this.web = web;
        this.hub = hub;
    }

    @Override
    public List<Source> pin(Source source) {
        String uri = source.uri();
        String scheme = uri.contains(":") ? uri.substring(0, uri.indexOf(':')) : "";
        return switch (scheme) {
            case "upload", "s3" -> {
                try {
                    object(uri).close();
                    yield List.of(pinned(source, uri, null));
                } catch (IOException e) {
                    throw new SourceException(uri + " cannot be read: " + e.getMessage() + ".", e);
                }
            }
            case "file" -> List.of(pinned(source, uri, fileRevision(file(uri))));
            case "http", "https" -> List.of(pinned(source, uri, web.revision(URI.create(uri))));
            case "" -> pinHub(source);
            default ->
                throw new SourceException("The source “" + uri
                        + "” is unknown; name a data set of the hub, or an upload:, s3:, file:, http: or https: URI.");
        };
    }

    @Override
    public Candidates open(Source source, String dataset) {
        String uri = source.uri();
        try {
            if (uri.startsWith(HUB)) {
                return Formats.read(source, hubFile(source), dataset);
            }
            if (uri.startsWith("file:")) {
                Path file = file(uri);
                if (!fileRevision(file).equals(source.revision())) {
                    throw new SourceException(uri + " has changed since it was named; ingest it under another name.");
                }
                return source.format().equals(Formats.PARQUET)
                        ? Formats.read(source, file, dataset)
                        : Formats.read(source, Files.newInputStream(file), dataset);
            }
            InputStream in = uri.startsWith("http") ? web.open(URI.create(uri), source.revision()) : object(uri);
            return Formats.read(source, in, dataset);
        } catch (IOException e) {
            throw new SourceException(uri + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static Source pinned(Source source, String uri, String revision) {
        return new Source(uri, Formats.of(source.format(), uri), revision, source.split(), source.columns());
    }

    private InputStream object(String uri) {
        String key = uri.startsWith("upload:") ? Uploads.key(uri) : keyInBucket(uri);
        return store.open(key, 0)
                .orElseThrow(() -> new SourceException(uri + " is not in the bucket; put it there first."));
    }

    private String keyInBucket(String uri) {
        URI parsed = URI.create(uri);
        if (!bucket.equals(parsed.getHost()) || parsed.getPath().length() < 2) {
            throw new SourceException(uri + " is not in the bucket of this service; use s3://" + bucket + "/KEY.");
        }
        return parsed.getPath().substring(1);
    }

    private Path file(String uri) {
        try {
            Path file = Path.of(URI.create(uri)).toRealPath();
            for (Path directory : directories) {
                if (file.startsWith(directory.toRealPath())) {
                    return file;
                }
            }
            throw new SourceException(uri + " is not in a folder that squadron.ingest.directories allows: "
                    + directories + "; upload it (PUT /v1/uploads), or allow its folder.");
        } catch (IOException | IllegalArgumentException e) {
            throw new SourceException(uri + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static String fileRevision(Path file) {
        try {
            return Files.size(file) + "-" + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new SourceException(file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** A data set of the hub becomes one source a Parquet file, pinned to a commit; its split is in the file's name. */
    private List<Source> pinHub(Source source) {
        String name = SHORT_NAMES.getOrDefault(source.uri(), source.uri());
        try {
            Snapshot snapshot = new HubClient(hub).pin(new HubRepository(Kind.DATASET, name), "main");
            List<Source> sources = new ArrayList<>();
            for (String file : snapshot.files()) {
                String base = file.substring(file.lastIndexOf('/') + 1);
                String split = base.startsWith("train") ? "train" : base.startsWith("validation") ? "validation" : null;
                boolean wanted = source.split() == null || source.split().equals(split);
                if (file.endsWith(".parquet") && split != null && wanted) {
                    sources.add(new Source(
                            HUB + name + "/" + file, Formats.PARQUET, snapshot.commit(), split, source.columns()));
                }
            }
            if (sources.isEmpty()) {
                throw new SourceException("The data set " + name + " has no Parquet file of "
                        + (source.split() == null ? "train or validation" : source.split())
                        + " on the hub; download it and name the file.");
            }
            return sources;
        } catch (HubException e) {
            throw new SourceException(e.getMessage(), e);
        }
    }

    private Path hubFile(Source source) {
        String[] parts = source.uri().substring(HUB.length()).split("/", 3);
        try {
            HubRepository repository = new HubRepository(Kind.DATASET, parts[0] + "/" + parts[1]);
            return new HubClient(hub).file(new Snapshot(repository, source.revision(), List.of(), false), parts[2]);
        } catch (HubException e) {
            throw new SourceException(e.getMessage(), e);
        }
    }
}
