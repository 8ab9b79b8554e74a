package dev.squadron.cli.command;

import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells which processes run and which are ready. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Show which processes of the stack run and are ready; exit code 1 unless all are.")
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        StackProcesses processes = new StackProcesses(home, console);
        Map<String, String> states = new LinkedHashMap<>();
        Map<String, StackState.Member> members = StackState.read(home).processes();
        members.forEach((name, member) -> states.put(name, state(member, processes)));
        boolean well = !states.isEmpty()
                && states.values().stream().allMatch(state -> state.equals("ready") || state.equals("running"));
        if (output.isJson()) {
            console.json(states);
        } else if (states.isEmpty()) {
            console.say("No stack is running here; start it with `squadron up`.");
        } else {
            members.forEach((name, member) -> console.say(
                    "  %-10s %-9s pid %-7d %s",
                    name,
                    states.get(name),
                    member.pid(),
                    member.port() == 0 ? "" : "http://127.0.0.1:" + member.port()));
        }
        return well ? 0 : 1;
    }

    private static String state(StackState.Member member, StackProcesses processes) {
        if (member.handle().isEmpty()) {
            return "dead";
        }
        if (member.port() == 0) {
            return "running";
        }
        return processes.isReady(member.port()) ? "ready" : "unready";
    }
}
