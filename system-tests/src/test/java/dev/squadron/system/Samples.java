package dev.squadron.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.Console;
import dev.squadron.contracts.ContractJson;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small data sets, cut from the samples. */
final class Samples {
    static final Path ROOT = Path.of(System.getProperty("squadron.home"));

    private Samples() {}

    /** The first questions of a sample, as a SQuAD file. */
    static Path squad(Path directory, String sample, int count) throws IOException {
        ObjectNode file = ContractJson.mapper().createObjectNode().put("version", "1.1");
        ObjectNode article = file.putArray("data").addObject();
        var paragraphs = article.putArray("paragraphs");
        for (SquadQuestion question : questions(sample).subList(0, count)) {
            ObjectNode paragraph = paragraphs.addObject().put("context", question.context());
            ObjectNode qa = paragraph
                    .putArray("qas")
                    .addObject()
                    .put("id", question.id())
                    .put("question", question.question());
            qa.set("answers", ContractJson.mapper().valueToTree(question.answers()));
        }
        return Files.write(directory.resolve(sample), ContractJson.write(file));
    }

    /** Returns all questions of a sample. */
    static List<SquadQuestion> questions(String sample) throws IOException {
        List<SquadQuestion> questions = new ArrayList<>();
        try (SquadReader reader = new SquadReader(
                sample, Files.newInputStream(ROOT.resolve("samples").resolve(sample)))) {
            reader.forEachRemaining(questions::add);
        }
        return questions;
    }

    /** Returns a console that says nothing. */
    static Console quiet() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return new Console(nowhere, nowhere, 0);
    }
}
