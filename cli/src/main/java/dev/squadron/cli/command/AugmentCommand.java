package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.model.LocalModel;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.Precision;
import dev.squadron.text.augmentation.ModelParaphrase;
import dev.squadron.text.squad.SquadQuestion;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has the model itself put the questions of a training file into other words. */
@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        description = {
            "Put the questions of a SQuAD file into other words by the seq2seq model itself. A paraphrase is kept if it asks for the",
            "same, holds the same names and numbers, and the model still answers it with a reference answer. Writes all records,",
            "the old and the new, as JSON Lines for `squadron ingest`. Augmentation by rules is a matter of ingest and recipe."
        },
        footer = {
            "",
            "Example:",
            "  squadron augment train.json --model google/flan-t5-small --out train-paraphrased.jsonl",
            "  squadron ingest train-paraphrased.jsonl --validation dev.json --dataset squad-paraphrased"
        })
public final class AugmentCommand implements Callable<Integer> {
    /** Stands for whatever data set the file is ingested as. */
    private static final String ANY_DATASET = "any";

    @Parameters(description = "A SQuAD file with the training split.")
    private Path file;

    @Option(
            names = "--model",
            required = true,
            description = "A model's directory, s3://bucket/key, or its name on the hub.")
    private String model;

    @Option(
            names = "--head",
            description = "A checkpoint's folder or its lm_head.safetensors. Default: the model's own head.")
    private Path head;

    @Option(
            names = "--paraphrases",
            defaultValue = "4",
            description = "Paraphrases that the model proposes for each question, 1 to 16. Default: ${DEFAULT-VALUE}.")
    private int paraphrases;

    @Option(names = "--out", required = true, description = "Where to write the records.")
    private Path out;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Console console = output.console();
        if (paraphrases < 1 || paraphrases > 16) {
            throw new CliException("--paraphrases is " + paraphrases + "; it must be from 1 to 16.");
        }
        List<QaRecord> records =
                PredictCommand.read(file).stream().map(AugmentCommand::record).toList();
        try (LocalModel local = LocalModel.load(model, head, Precision.FP32, console)) {
            ModelParaphrase.Result result = ModelParaphrase.of(records, new InThisProcess(local, paraphrases, console));
            write(Stream.concat(records.stream(), result.copies().stream()).toList());
            if (output.isJson()) {
                console.json(Map.of(
                        "questions",
                        records.size(),
                        "proposed",
                        result.proposed(),
                        "well_formed",
                        result.wellFormed(),
                        "kept",
                        result.copies().size(),
                        "out",
                        out.toString()));
            } else {
                console.say(
                        "%d questions, %d paraphrases proposed, %d of them well-formed, %d kept whose answer came back: %s",
                        records.size(),
                        result.proposed(),
                        result.wellFormed(),
                        result.copies().size(),
                        out);
            }
            return 0;
        }
    }

    private static QaRecord record(SquadQuestion question) {
        return new QaRecord(
                ANY_DATASET,
                question.id(),
                Split.TRAIN,
                question.question(),
                question.context(),
                question.answers(),
                question.impossible());
    }

    private void write(List<QaRecord> records) {
        try (BufferedWriter writer = Files.newBufferedWriter(out)) {
            for (QaRecord record : records) {
                ObjectNode line = ContractJson.mapper().valueToTree(record);
                writer.write(line.without("dataset").toString());
                writer.write('\n');
            }
        } catch (IOException e) {
            throw new CliException("The records cannot be written to " + out + ": " + e.getMessage(), e);
        }
    }

    /** The model that this process has loaded. */
    private record InThisProcess(LocalModel model, int count, Console console) implements ModelParaphrase.Model {
        private static final int BATCH = 16;

        @Override
        public List<List<String>> paraphrase(List<String> questions) {
            return model.paraphrase(
                    questions,
                    count,
                    BATCH,
                    done -> console.bar(
                            "paraphrase", (double) done / questions.size(), done + " of " + questions.size()));
        }

        @Override
        public List<String> answer(List<QaRecord> records) {
            return model
                    .answer(
                            records.stream()
                                    .map(record -> new LocalModel.Question(record.question(), record.context()))
                                    .toList(),
                            Decoding.of(Mode.FREE, model.rules()),
                            BATCH,
                            done -> console.bar(
                                    "answer", (double) done / records.size(), done + " of " + records.size()))
                    .stream()
                    .map(LocalModel.Answer::text)
                    .toList();
        }
    }
}
