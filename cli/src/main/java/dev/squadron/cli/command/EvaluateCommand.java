package dev.squadron.cli.command;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.record.Answer;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.text.metric.SquadScores;
import dev.squadron.text.squad.SquadQuestion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores predictions as the official scripts of SQuAD do. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = {
            "Score predictions as the official scripts of SQuAD 1.1 and 2.0 do; which of them, the data set tells.",
            "A question without a prediction counts as wrong in 1.1 and is left out in 2.0, as in those scripts."
        })
public final class EvaluateCommand implements Callable<Integer> {
    private static final TypeReference<Map<String, String>> PREDICTIONS = new TypeReference<>() {};

    @Option(names = "--dataset", required = true, description = "A SQuAD file, version 1.1 or 2.0.")
    private Path dataset;

    @Option(names = "--predictions", required = true, description = "The predictions, {id: text}.")
    private Path predictions;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = Console.system(true);
        List<SquadQuestion> questions = PredictCommand.read(dataset);
        Map<String, String> answers = read();
        Version version = isVersion2() ? Version.V2 : Version.V1;
        SquadScores scores = new SquadScores(version);
        List<String> missing = new ArrayList<>();
        for (SquadQuestion question : questions) {
            String answer = answers.get(question.id());
            if (answer == null) {
                missing.add(question.id());
            }
            if (answer == null && version == Version.V2) {
                continue;
            }
            List<String> references =
                    question.answers().stream().map(Answer::text).toList();
            if (answer == null) {
                scores.addMissing();
            } else {
                scores.add(answer, references);
            }
        }
        if (!missing.isEmpty() && !output.isJson()) {
            console.say("%d questions have no prediction, the first is %s.", missing.size(), missing.get(0));
        }
        if (scores.total() == 0) {
            throw new CliException(predictions + " has no prediction for any question of " + dataset + ".");
        }
        console.json(scores.report());
        return 0;
    }

    private boolean isVersion2() {
        try (InputStream in = Files.newInputStream(dataset)) {
            return new String(in.readNBytes(1 << 20), StandardCharsets.UTF_8).contains("\"is_impossible\"");
        } catch (IOException e) {
            throw new CliException("The data set " + dataset + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Map<String, String> read() {
        try {
            return ContractJson.mapper().readValue(predictions.toFile(), PREDICTIONS);
        } catch (IOException e) {
            throw new CliException(
                    "The predictions " + predictions + " cannot be read: " + e.getMessage()
                            + " They must be {id: text}.",
                    e);
        }
    }
}
