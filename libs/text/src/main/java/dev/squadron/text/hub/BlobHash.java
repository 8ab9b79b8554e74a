package dev.squadron.text.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes the hashes that the hub names files by. */
final class BlobHash {
    private static final int SHA256_DIGITS = 64;

    private BlobHash() {}

    /** Returns the hash of a file, of the kind that {@code expected} is of. */
    static String of(Path file, String expected) throws IOException {
        return expected.length() == SHA256_DIGITS
                ? digest("SHA-256", new byte[0], file)
                : digest("SHA-1", ("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8), file);
    }

    private static String digest(String algorithm, byte[] before, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(before);
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + algorithm, e);
        }
    }
}
