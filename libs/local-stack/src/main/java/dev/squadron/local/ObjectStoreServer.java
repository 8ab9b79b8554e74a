package dev.squadron.local;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3 server in this JVM, its objects files of a folder; it listens on the loopback address alone. */
public final class ObjectStoreServer implements AutoCloseable {
    private final S3Proxy server;

    private ObjectStoreServer(S3Proxy server) {
        this.server = server;
    }

    /**
     * Starts a server and makes sure of a bucket.
     *
     * @param directory where the objects lie
     * @param port where clients connect; 0: a free one
     */
    public static ObjectStoreServer start(Path directory, int port, String accessKey, String secretKey, String bucket) {
        try {
            Files.createDirectories(directory);
            createPrivateBucket(directory.resolve(bucket));
            S3Proxy server = S3Proxy.builder()
                    .blobStore(new FilesystemNio2BlobStore(directory.toString()))
                    .endpoint(URI.create("http://127.0.0.1:" + port))
                    .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
                    .build();
            server.start();
            return new ObjectStoreServer(server);
        } catch (IOException e) {
            throw new IllegalStateException("The S3 server cannot use " + directory + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw new IllegalStateException("The S3 server does not start: " + e.getMessage(), e);
        }
    }

    /** The server gives a bucket that others may read on disk to anonymous clients too. */
    private static void createPrivateBucket(Path bucket) throws IOException {
        if (!Files.exists(bucket)) {
            Files.createDirectory(
                    bucket, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Returns where clients connect. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The S3 server does not stop: " + e.getMessage(), e);
        }
    }
}
