package dev.squadron.cli.command;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.model.LocalModel;
import dev.squadron.contracts.ContractJson;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.Precision;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers all questions of a SQuAD file in this process. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Answer all questions of a SQuAD file; writes the official form of predictions, {id: text}.")
public final class PredictCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            description = "A model's directory, s3://bucket/key, or its name on the hub.")
    private String model;

    @Option(
            names = "--head",
            description =
                    "A checkpoint's folder, of a head or of an adapter, or a head's file. Default: the model as it is.")
    private Path head;

    @Option(
            names = "--precision",
            defaultValue = "fp32",
            description = "fp32, the reference, bf16 or int8. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Mixin
    private SearchOptions search;

    @Option(
            names = "--batch-size",
            defaultValue = "16",
            description = "Questions at a time. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(names = "--dataset", required = true, description = "A SQuAD file, version 1.1 or 2.0.")
    private Path dataset;

    @Option(names = "--out", required = true, description = "Where to write the predictions.")
    private Path out;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        if (batchSize < 1) {
            throw new CliException("--batch-size is " + batchSize + "; it must be at least 1.");
        }
        List<SquadQuestion> questions = read(dataset);
        try (LocalModel local = LocalModel.load(model, head, precision, console)) {
            Decoding how = search.decoding(Mode.FREE, local.rules());
            long began = System.nanoTime();
            List<LocalModel.Answer> answers = local.answer(
                    questions.stream()
                            .map(each -> new LocalModel.Question(each.question(), each.context()))
                            .toList(),
                    how,
                    batchSize,
                    done -> console.bar(
                            "predict",
                            (double) done / questions.size(),
                            String.format(
                                    Locale.ROOT,
                                    "%,d of %,d, %.1f questions/s",
                                    done,
                                    questions.size(),
                                    done / seconds(began))));
            double seconds = seconds(began);
            long steps = answers.stream().mapToLong(LocalModel.Answer::steps).sum();
            String mode = how.mode().name().toLowerCase(Locale.ROOT);
            Map<String, String> predictions = new LinkedHashMap<>();
            for (int i = 0; i < answers.size(); i++) {
                predictions.put(questions.get(i).id(), answers.get(i).text());
            }
            Files.write(out, ContractJson.mapper().writeValueAsBytes(predictions));
            if (output.isJson()) {
                console.json(Map.of(
                        "questions",
                        questions.size(),
                        "seconds",
                        seconds,
                        "questions_per_second",
                        questions.size() / seconds,
                        "mode",
                        mode,
                        "decoding_steps",
                        steps,
                        "out",
                        out.toString()));
            } else {
                console.say(
                        "%d questions answered in %.1f s (%.1f/s), mode %s, %.1f decoding steps each: %s",
                        questions.size(),
                        seconds,
                        questions.size() / seconds,
                        mode,
                        (double) steps / questions.size(),
                        out);
            }
            return 0;
        } catch (IOException e) {
            throw new CliException("The predictions cannot be written to " + out + ": " + e.getMessage(), e);
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    static List<SquadQuestion> read(Path file) {
        try (SquadReader reader = new SquadReader(file.toString(), Files.newInputStream(file))) {
            List<SquadQuestion> questions = new ArrayList<>();
            reader.forEachRemaining(questions::add);
            if (questions.isEmpty()) {
                throw new CliException(file + " holds no question.");
            }
            return questions;
        } catch (IOException e) {
            throw new CliException("The data set " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
