package dev.squadron.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.model.LocalModel;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.StackState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks a question. */
@Command(
        name = "ask",
        mixinStandardHelpOptions = true,
        description = "Ask a question about a passage: the running stack, or a model in this process.")
public final class AskCommand implements Callable<Integer> {
    @Option(names = "--question", required = true, description = "The question.")
    private String question;

    @Option(
            names = "--context",
            description = "The passage. Default: what stands in --file, or comes through standard input.")
    private String context;

    @Option(names = "--file", description = "A text file with the passage.")
    private Path file;

    @Option(
            names = "--model",
            description = "Answer in this process with this model: a directory, s3://bucket/key, or a name on the hub.")
    private String model;

    @Option(names = "--head", description = "A checkpoint's folder or its lm_head.safetensors, for --model.")
    private Path head;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        Home home = Home.find();
        String passage = passage();
        if (model == null && StackState.read(home).isRunning()) {
            JsonNode answer = new Pipeline(home, console).ask(question, passage);
            if (output.isJson()) {
                console.json(answer);
            } else {
                console.result(answer.path("answer").asText());
                console.say(
                        "score %.3f, checkpoint %s",
                        answer.path("score").asDouble(),
                        answer.path("checkpoint").asText("the model's own head"));
            }
            return 0;
        }
        try (LocalModel local = LocalModel.load(model == null ? home.demoModel().toString() : model, head, console)) {
            LocalModel.Answer answer = local.answer(List.of(new LocalModel.Question(question, passage)), done -> {})
                    .get(0);
            if (output.isJson()) {
                console.json(Map.of("answer", answer.text(), "score", answer.score()));
            } else {
                console.result(answer.text());
            }
        }
        return 0;
    }

    private String passage() {
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
