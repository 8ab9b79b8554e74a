package dev.squadron.text.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The cache that Python's {@code huggingface_hub} uses too. In the folder of a repository, {@code models--org--name}: {@code blobs}
 * by hash, {@code refs} from branch or tag to commit, {@code snapshots} of links by commit. What is unfinished and what is locked
 * have names of their own, since Python's locks are not Java's.
 */
final class HubCache {
    private final Path root;

    HubCache(Path root) {
        this.root = root;
    }

    /** Returns the folder of a snapshot's files, which need not be there. */
    Path snapshot(HubRepository repository, String commit) {
        return folder(repository).resolve("snapshots").resolve(commit);
    }

    Path blob(HubRepository repository, String hash) {
        return folder(repository).resolve("blobs").resolve(hash);
    }

    /** Returns where a blob grows until it is whole. */
    Path part(HubRepository repository, String hash) {
        return folder(repository).resolve("blobs").resolve(hash + ".squadron.incomplete");
    }

    Path lock(HubRepository repository, String hash) {
        return root.resolve(".locks").resolve(repository.folder()).resolve(hash + ".squadron.lock");
    }

    /** Returns the commit that a branch, tag or commit is here, if any of its files are. */
    Optional<String> commit(HubRepository repository, String revision) {
        Path reference = folder(repository).resolve("refs").resolve(revision);
        try {
            String commit = HubClient.isCommit(revision) || !Files.isRegularFile(reference)
                    ? revision
                    : Files.readString(reference).strip();
            return Optional.of(commit)
                    .filter(HubClient::isCommit)
                    .filter(found -> Files.isDirectory(snapshot(repository, found)));
        } catch (IOException e) {
            throw new HubException(reference + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the files of a snapshot that are here. */
    List<String> files(HubRepository repository, String commit) {
        Path folder = snapshot(repository, commit);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new HubException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Notes what commit a branch or tag is now. */
    void refer(HubRepository repository, String revision, String commit) {
        Path reference = folder(repository).resolve("refs").resolve(revision);
        try {
            if (Files.exists(reference) && Files.readString(reference).equals(commit)) {
                return;
            }
            Files.createDirectories(reference.getParent());
            Path written = folder(repository).resolve(".ref-" + UUID.randomUUID());
            Files.writeString(written, commit);
            Files.move(written, reference, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritable(reference, e);
        }
    }

    /** Makes the finished part of a blob the blob itself. */
    Path finish(HubRepository repository, String hash) {
        Path part = part(repository, hash);
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            return Files.move(part, blob(repository, hash), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritable(part, e);
        }
    }

    /** Shows a blob under its file's name in a snapshot. */
    void link(HubRepository repository, String commit, HubFile file) {
        Path link = snapshot(repository, commit).resolve(file.name());
        try {
            Files.createDirectories(link.getParent());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, link.getParent().relativize(blob(repository, file.hash())));
        } catch (IOException e) {
            throw unwritable(link, e);
        }
    }

    /** Returns how many bytes may still be written. */
    long room() {
        try {
            return Files.getFileStore(Files.createDirectories(root)).getUsableSpace();
        } catch (IOException e) {
            throw unwritable(root, e);
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }

    static HubException unwritable(Path file, IOException e) {
        return new HubException(
                file + " cannot be written: " + e.getMessage()
                        + "; make room and allow writing there, or set HF_HOME to another folder.",
                e);
    }

    private Path folder(HubRepository repository) {
        return root.resolve(repository.folder());
    }
}
