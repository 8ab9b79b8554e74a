package dev.squadron.ingest.source;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.ingest.domain.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that clients have sent, in the bucket, named by their SHA-256. */
public final class Uploads {
    private static final String SCHEME = "upload:";

    private static final int PATIENCE_MILLIS = 2_000;

    private final ObjectStore store;
    private final long maxBytes;

    /** Takes files of at most {@code maxBytes}. */
    public Uploads(ObjectStore store, long maxBytes) {
        this.store = store;
        this.maxBytes = maxBytes;
    }

    /**
     * Keeps a file.
     *
     * @return its source, {@code upload:<sha256>}
     * @throws SourceException when it is too large
     * @throws StoreException when the bucket does not answer, which is asked before the body is read, or refuses the file
     */
    public String keep(InputStream body) throws IOException {
        if (!store.isReady(PATIENCE_MILLIS)) {
            throw new StoreException("The bucket for uploads does not answer or is not there: " + store);
        }
        Path file = Files.createTempFile("upload", null);
        try {
            copy(body, file);
            String sha256 = Sha256.of(file);
            store.put(sha256, key(SCHEME + sha256), file);
            return SCHEME + sha256;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void copy(InputStream body, Path file) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long total = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
                total += read;
                if (total > maxBytes) {
                    throw new SourceException(
                            "The upload has more than " + maxBytes
                                    + " bytes (squadron.ingest.max-upload-bytes); put it into the bucket and name it by s3://.");
                }
                out.write(chunk, 0, read);
            }
        }
    }

    static String key(String uri) {
        String sha256 = uri.substring(SCHEME.length());
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new SourceException("“" + uri + "” is no upload; PUT /v1/uploads gives its name.");
        }
        return "uploads/" + sha256;
    }
}
