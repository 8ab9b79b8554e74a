package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.model.LocalModel;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.StackState;
import dev.squadron.contracts.ContractJson;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
    @Mixin
    private PassageOptions asked;

    @Option(
            names = "--model",
            description = "Answer in this process with this model: a directory, s3://bucket/key, or a name on the hub.")
    private String model;

    @Option(names = "--head", description = "A checkpoint's folder or its lm_head.safetensors, for --model.")
    private Path head;

    @Mixin
    private SearchOptions search;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        Home home = Home.find();
        String passage = asked.passage();
        if (model == null && StackState.read(home).isRunning()) {
            ObjectNode request = ContractJson.mapper()
                    .createObjectNode()
                    .put("question", asked.question())
                    .put("context", passage);
            search.addTo(request, Mode.GROUNDED);
            JsonNode answer = new Pipeline(home, console).ask(request);
            if (output.isJson()) {
                console.json(answer);
            } else {
                console.result(answer.path("answer").asText());
                console.say(
                        "score %.3f, mode %s, checkpoint %s",
                        answer.path("score").asDouble(),
                        answer.path("mode").asText(),
                        answer.path("checkpoint").asText("the model's own head"));
            }
            return 0;
        }
        try (LocalModel local =
                LocalModel.load(model == null ? home.demoModel().toString() : model, head, Precision.FP32, console)) {
            Decoding how = search.decoding(Mode.GROUNDED, local.rules());
            LocalModel.Answer answer = local.answer(
                            List.of(new LocalModel.Question(asked.question(), passage)), how, 1, done -> {})
                    .get(0);
            if (output.isJson()) {
                ObjectNode json = ContractJson.mapper()
                        .createObjectNode()
                        .put("answer", answer.text())
                        .put("score", answer.score())
                        .put("mode", how.mode().name().toLowerCase(Locale.ROOT))
                        .put("decoding_steps", answer.steps());
                answer.span().ifPresent(span -> json.put("start", span.start()).put("end", span.end()));
                console.json(json);
            } else {
                console.result(answer.text());
            }
        }
        return 0;
    }
}
