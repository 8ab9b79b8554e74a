package dev.squadron.cli.command;

import dev.squadron.cli.Console;
import picocli.CommandLine.Option;

/** How a command talks. */
final class Output {
    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    boolean isJson() {
        return json;
    }

    Console console() {
        return Console.system(json);
    }
}
