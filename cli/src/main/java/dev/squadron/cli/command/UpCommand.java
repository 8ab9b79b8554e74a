package dev.squadron.cli.command;

import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import java.util.Map;
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
            description = "A model's directory, or its name on the Hugging Face hub. Default: the demo model.")
    private String model;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        StackState state = new StackProcesses(home, console)
                .up(model == null ? home.demoModel().toString() : model);
        if (output.isJson()) {
            console.json(addresses(state));
        } else {
            tell(console, state);
        }
        return 0;
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
