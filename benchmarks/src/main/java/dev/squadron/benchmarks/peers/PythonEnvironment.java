package dev.squadron.benchmarks.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The virtual environments of {@code benchmarks/peers}. */
record PythonEnvironment(Path peers) {

    /** Returns the python of an environment, which is made where it is missing or out of date. */
    Path python(String environment) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(peers.resolve("environment").toString(), environment)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("The environment " + environment + " of " + peers
                    + " could not be made; the reason stands above. It needs python3 with venv, and a package index.");
        }
        return Path.of(printed);
    }
}
