package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.contracts.ContractJson;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells the running stack the right answer to a question. */
@Command(
        name = "correct",
        mixinStandardHelpOptions = true,
        description = "Tell the running stack the right answer to a question; the next head learns it.")
public final class CorrectCommand implements Callable<Integer> {
    @Mixin
    private PassageOptions asked;

    @Option(names = "--answer", required = true, description = "The right answer, in words of the passage.")
    private String answer;

    @Option(names = "--id", description = "A name for the correction: sent twice, it counts once.")
    private String id;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        ObjectNode correction = ContractJson.mapper()
                .createObjectNode()
                .put("question", asked.question())
                .put("context", asked.passage())
                .put("answer", answer);
        if (id != null) {
            correction.put("id", id);
        }
        JsonNode taken = new Pipeline(Home.find(), console).correct(correction);
        if (output.isJson()) {
            console.json(taken);
        } else {
            console.say(
                    "Taken as %s/%s; ask again in a minute.",
                    taken.path("dataset").asText(), taken.path("id").asText());
        }
        return 0;
    }
}
