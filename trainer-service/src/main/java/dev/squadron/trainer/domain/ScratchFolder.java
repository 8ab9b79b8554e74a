package dev.squadron.trainer.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder of files on their way to the store; gone, with all that is in it, when closed. */
final class ScratchFolder implements AutoCloseable {
    private final Path path;

    /** Makes an empty folder in {@code parent}. */
    ScratchFolder(Path parent) throws IOException {
        Files.createDirectories(parent);
        path = Files.createTempDirectory(parent, "run");
    }

    /** Returns where it is. */
    Path path() {
        return path;
    }

    /** Returns the files in it, by name. */
    Map<String, Path> files() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.collect(Collectors.toMap(file -> file.getFileName().toString(), file -> file));
        }
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(path)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
