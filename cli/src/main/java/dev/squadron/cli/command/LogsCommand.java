package dev.squadron.cli.command;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the end of the logs. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = "Print the end of the logs of one service, or of all.")
public final class LogsCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", description = "stack, ingest, tokenizer, trainer or inference; left out: all of them.")
    private String service;

    @Option(
            names = {"-n", "--lines"},
            defaultValue = "40",
            description = "Lines of each log. Default: ${DEFAULT-VALUE}.")
    private int lines;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = Console.system(false);
        for (String each :
                service == null ? List.of("stack", "ingest", "tokenizer", "trainer", "inference") : List.of(service)) {
            Path log = home.log(each);
            if (!Files.exists(log)) {
                throw new CliException("There is no log " + log + "; start the stack with `squadron up`.");
            }
            console.say("== %s", log);
            try (Stream<String> all = Files.lines(log)) {
                List<String> kept = all.toList();
                kept.subList(Math.max(0, kept.size() - lines), kept.size()).forEach(console::result);
            } catch (IOException e) {
                throw new CliException(log + " cannot be read: " + e.getMessage(), e);
            }
        }
        return 0;
    }
}
