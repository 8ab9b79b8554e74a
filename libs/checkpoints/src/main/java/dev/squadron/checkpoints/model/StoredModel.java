package dev.squadron.checkpoints.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.ObjectStore.Version;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.text.hub.DownloadProgress;
import dev.squadron.text.hub.ModelFiles;
import dev.squadron.text.hub.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A model's files in a bucket. Copies of them lie in a folder that is named by their ETags, so that it only ever holds one version. */
final class StoredModel implements ModelFiles {
    private final ObjectStore store;
    private final String name;
    private final String prefix;
    private final Path copies;
    private final Map<String, Optional<Version>> versions = new HashMap<>();

    /**
     * Takes the files beneath a prefix.
     *
     * @param name as its users call it
     * @param cache where copies are kept
     */
    StoredModel(ObjectStore store, String name, String prefix, Path cache) {
        this.store = store;
        this.name = name;
        this.prefix = prefix;
        this.copies = cache.resolve(name.replaceAll("/+$", "").replaceAll(":?/+", "--"));
    }

    @Override
    public boolean has(String file) {
        return versions.computeIfAbsent(file, each -> store.version(key(each))).isPresent();
    }

    @Override
    public Path fetch(List<String> files, DownloadProgress progress) {
        Map<String, Version> wanted = new TreeMap<>();
        for (String file : files) {
            if (!has(file)) {
                throw missing(file);
            }
            wanted.put(file, versions.get(file).orElseThrow());
        }
        Path directory =
                copies.resolve(Sha256.of(wanted.toString().getBytes(UTF_8)).substring(0, 40));
        try {
            Files.createDirectories(directory);
            wanted.keySet().removeIf(file -> Files.exists(directory.resolve(file)));
            long total = wanted.values().stream().mapToLong(Version::size).sum();
            checkRoom(directory, total);
            Tally tally = new Tally(progress, total);
            for (Map.Entry<String, Version> file : wanted.entrySet()) {
                download(file.getKey(), file.getValue(), directory, tally);
            }
            return directory;
        } catch (IOException e) {
            throw new StoreException(
                    name + " cannot be kept in " + directory + ": " + e.getMessage()
                            + "; make room and allow writing there, or set HF_HOME to another folder.",
                    e);
        }
    }

    @Override
    public StoreException missing(String file) {
        return new StoreException(name + " has no " + file + " (" + key(file) + " in " + store
                + "); put there what transformers' save_pretrained writes of model and tokenizer, in safetensors.");
    }

    private String key(String file) {
        return prefix + "/" + file;
    }

    private void checkRoom(Path directory, long needed) throws IOException {
        long room = Files.getFileStore(directory).getUsableSpace();
        if (needed > room) {
            throw new IOException(String.format(
                    Locale.ROOT, "it needs %.1f GB more, and there is room for %.1f GB", needed / 1e9, room / 1e9));
        }
    }

    private void download(String file, Version version, Path directory, Tally tally) throws IOException {
        Path part = Files.createTempFile(directory, file, ".part");
        try {
            long have = 0;
            while (have < version.size()) {
                have = goOn(file, version, part, have, tally);
            }
            if (!store.version(key(file)).equals(Optional.of(version))) {
                throw new StoreException(name + " was written to while it was fetched; try again.");
            }
            Files.move(part, directory.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Adds to what there is of a file until it is whole or the connection breaks; returns how many bytes there are then. */
    private long goOn(String file, Version version, Path part, long from, Tally tally) throws IOException {
        long at = from;
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.APPEND);
                InputStream in = store.open(key(file), from).orElseThrow(() -> missing(file))) {
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                out.write(chunk, 0, read);
                at += read;
                tally.add(read);
            }
        } catch (IOException e) {
            if (at == from) {
                throw e;
            }
        }
        if (at == from || at > version.size()) {
            throw new StoreException(key(file) + " in " + store + " came with " + at + " bytes and should have "
                    + version.size() + "; try again.");
        }
        return at;
    }
}
