package dev.squadron.cli.command;

import dev.squadron.cli.Home;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops what {@link UpCommand} started; its data stays. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "Stop the running stack; its data stays in .squadron.")
public final class DownCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        boolean running = StackState.read(home).isRunning();
        new StackProcesses(home, output.console()).down();
        output.console()
                .say(
                        running ? "Stopped. The data stays in %s." : "Nothing was running; data would be in %s.",
                        home.state());
        return 0;
    }
}
