package dev.squadron.trainer.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file on its way to the store; gone when closed. */
public final class ScratchFile implements AutoCloseable {
    private final Path path;

    /** Makes an empty file in {@code folder}, and the folder. */
    public ScratchFile(Path folder) throws IOException {
        Files.createDirectories(folder);
        path = Files.createTempFile(folder, "run", ".safetensors");
    }

    /** Returns where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
