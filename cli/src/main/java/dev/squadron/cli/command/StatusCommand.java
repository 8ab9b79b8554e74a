package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackStatus;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells which processes run, what answers, and what is learned. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Show which processes of the stack run and are ready, what answers, the data sets and the last"
                + " runs; exit code 1 unless all processes are ready.")
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        StackStatus status = StackStatus.of(home, new StackProcesses(home, console));
        if (output.isJson()) {
            console.json(status);
        } else if (status.processes().isEmpty()) {
            console.say("No stack is running here; start it with `squadron up`.");
        } else {
            tell(status, console);
        }
        return status.isWell() ? 0 : 1;
    }

    private static void tell(StackStatus status, Console console) {
        status.processes()
                .forEach((name, process) -> console.say(
                        "  %-10s %-9s pid %-7d %s",
                        name, process.state(), process.pid(), process.address() == null ? "" : process.address()));
        if (status.model() != null) {
            console.say(
                    "  model      %s, %s%s",
                    status.model().path("model").asText(),
                    status.model().hasNonNull("checkpoint")
                            ? "checkpoint " + status.model().path("checkpoint").asText()
                            : "its own head",
                    scores(status.model().path("metrics")));
        }
        status.datasets()
                .forEach(dataset -> console.say(
                        "  data set   %s %s: %d records, %d refused",
                        dataset.path("dataset").asText(),
                        dataset.path("state").asText(),
                        Pipeline.records(dataset),
                        dataset.path("rejected").asLong()));
        status.runs()
                .forEach(run -> console.say(
                        "  run        %s %s%s",
                        run.path("run").asText(), run.path("state").asText(), standing(run)));
    }

    private static String scores(JsonNode metrics) {
        return metrics.hasNonNull("f1")
                ? String.format(
                        Locale.ROOT,
                        ": exact match %.2f, F1 %.2f",
                        metrics.path("exact").asDouble(),
                        metrics.path("f1").asDouble())
                : "";
    }

    private static String standing(JsonNode run) {
        if (run.path("state").asText().equals("running")) {
            return String.format(
                    Locale.ROOT,
                    ": %s, %.0f %%",
                    run.path("stage").asText(),
                    100 * run.path("progress").asDouble());
        }
        return scores(run.path("after"))
                + (run.hasNonNull("message") ? ": " + run.path("message").asText() : "");
    }
}
