package dev.squadron.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A question and where its passage comes from. */
final class PassageOptions {
    @Option(names = "--question", required = true, description = "The question.")
    private String question;

    @Option(
            names = "--context",
            description = "The passage. Default: what stands in --file, or comes through standard input.")
    private String context;

    @Option(names = "--file", description = "A text file with the passage.")
    private Path file;

    String question() {
        return question;
    }

    String passage() {
        try {
            if (context != null) {
                return context;
            }
            return file == null ? new String(System.in.readAllBytes(), UTF_8) : Files.readString(file);
        } catch (IOException e) {
            throw new CliException("The passage cannot be read: " + e.getMessage(), e);
        }
    }
}
