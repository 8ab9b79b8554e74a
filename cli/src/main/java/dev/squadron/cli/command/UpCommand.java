package dev.squadron.cli.command;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.model.ModelDownload;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts Kafka, S3 and the four services on this machine. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Start Kafka, S3 and the four services, and leave them running.")
public final class UpCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            description =
                    "A model's directory, s3://bucket/key of the stack's store, or its name on the Hugging Face hub."
                            + " Default: the demo model.")
    private String model;

    @Option(
            names = "--settings",
            description =
                    "A properties file that says where Kafka and S3 are (kafka.bootstrap.servers, squadron.store.endpoint,"
                            + " .bucket, .access-key, .secret-key); topics and bucket must be there. Default: both are started here.")
    private Path settings;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        StackProcesses processes = new StackProcesses(home, console);
        String name = model == null ? home.demoModel().toString() : model;
        if (!name.startsWith("s3://")) {
            ModelDownload.fetch(name, console);
        }
        StackState state = settings == null ? processes.up(name) : processes.up(name, read(settings));
        if (output.isJson()) {
            console.json(addresses(state));
        } else {
            tell(console, state);
        }
        return 0;
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new CliException("The settings " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static Map<String, String> addresses(StackState state) {
        Map<String, String> addresses = new TreeMap<>();
        StackProcesses.SERVICES.forEach(service -> addresses.put(service, state.address(service)));
        return addresses;
    }

    static void tell(Console console, StackState state) {
        console.say("  page       %s/", state.address("inference"));
        for (String service : StackProcesses.SERVICES) {
            console.say("  %-10s %s/q/swagger-ui", service, state.address(service));
        }
    }
}
