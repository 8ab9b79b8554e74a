package dev.squadron.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SquadronCliTest {
    @TempDir
    private Path directory;

    private final StringWriter errors = new StringWriter();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void listsItsCommandsWhereNoneIsNamed() {
        assertThat(run()).isZero();

        assertThat(printed()).contains("demo", "up", "down", "status", "logs", "doctor", "ingest", "train", "ask");
    }

    @Test
    void endsWithTwoOnWrongUse() {
        assertThat(run("evaluate", "--dataset", "only.json")).isEqualTo(2);
        assertThat(errors.toString()).contains("--predictions");
        assertThat(run("evalute")).isEqualTo(2);
        assertThat(errors.toString()).contains("evaluate");
    }

    @Test
    void saysInOneParagraphWhatIsWrong() {
        assertThat(run("evaluate", "--dataset", "absent.json", "--predictions", "p.json"))
                .isEqualTo(1);

        assertThat(errors.toString())
                .startsWith("squadron: The data set absent.json cannot be read")
                .hasLineCount(1);
    }

    @Test
    void exportsAModelThatIsTheSameWhenItIsExportedAgain() throws IOException {
        Path squadlet = Path.of(System.getProperty("squadron.home"), "models/squadlet");
        Path once = directory.resolve("once");
        Path twice = directory.resolve("twice");

        assertThat(run("export", "--model", squadlet.toString(), "--out", once.toString()))
                .isZero();
        assertThat(run("export", "--model", once.toString(), "--out", twice.toString()))
                .isZero();

        for (String file : List.of("model.safetensors", "config.json", "tokenizer.json")) {
            assertThat(twice.resolve(file)).hasSameBinaryContentAs(once.resolve(file));
        }
        assertThat(run("export", "--model", once.toString(), "--out", twice.toString()))
                .isEqualTo(1);
        assertThat(errors.toString()).contains(twice.toString(), "empty");
    }

    @Test
    void refusesToWriteForPeftWhatIsNoAdapter() {
        String squadlet = System.getProperty("squadron.home") + "/models/squadlet";

        assertThat(run("export", "--model", squadlet, "--format", "peft", "--out", "adapter"))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("Only an adapter can be written for PEFT");
    }

    @Test
    void printsARecipeThatReadsBackTheSame() throws IOException {
        Path mine = write("mine.yaml", "preset: fast\nbatch_size: 32\n");

        assertThat(run("recipe", mine.toString())).isZero();
        String recipe = printed();
        printed.reset();

        assertThat(recipe).contains("name: fast", "batch_size: 32", "type: adamw", "beta1: 0.9");
        assertThat(run("recipe", write("full.yaml", recipe).toString())).isZero();
        assertThat(printed()).isEqualTo(recipe);
    }

    @Test
    void namesTheLineOfAFaultInARecipe() throws IOException {
        Path mine = write("mine.yaml", "tune: head\noptimizer:\n  learning_rat: 1e-3\n");

        assertThat(run("recipe", mine.toString())).isEqualTo(1);
        assertThat(run("recipe", "fsat")).isEqualTo(1);

        assertThat(errors.toString())
                .contains(mine + ", line 3, column 3: optimizer.learning_rat is unknown; did you mean learning_rate?")
                .contains("There is no file fsat, and no preset of that name")
                .hasLineCount(2);
    }

    @Test
    void namesTheLineOfAFaultInAPlan() throws IOException {
        Path plan = write("plan.yaml", "recipe: fast\nspace:\n  batch_siz: [8, 16]\n");

        assertThat(run("sweep", "--dataset", "d", "--plan", plan.toString())).isEqualTo(1);
        assertThat(run("sweep", "--dataset", "d", "--plan", "absent.yaml")).isEqualTo(1);
        assertThat(run("sweep", "--dataset", "d")).isEqualTo(2);

        assertThat(errors.toString())
                .contains(plan + ", line 3, column 3: space.batch_siz cannot be tried")
                .contains("There is no plan absent.yaml; samples/recipes/sweep.yaml is one to start from.")
                .contains("--plan=FILE");
    }

    @Test
    void scoresAsTheOfficialScriptOfVersionOne() throws IOException {
        Path dataset = write(
                "dev.json",
                """
                {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "Ada keeps the light.", "qas": [
                  {"id": "1", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]},
                  {"id": "2", "question": "What?", "answers": [{"text": "the light", "answer_start": 10}]},
                  {"id": "3", "question": "What?", "answers": [{"text": "the light", "answer_start": 10}]}]}]}]}""");
        Path predictions = write("predictions.json", "{\"1\": \"Ada.\", \"2\": \"light house\"}");

        assertThat(run("evaluate", "--dataset", dataset.toString(), "--predictions", predictions.toString()))
                .isZero();

        assertThat(printed()).contains("{\"exact\":33.333333333333336,\"f1\":55.55555555555555,\"total\":3}");
    }

    @Test
    void scoresAsTheOfficialScriptOfVersionTwo() throws IOException {
        Path dataset = write(
                "dev2.json",
                """
                {"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "Ada keeps the light.", "qas": [
                  {"id": "1", "question": "Who?", "is_impossible": false, "answers": [{"text": "Ada", "answer_start": 0}]},
                  {"id": "2", "question": "When?", "is_impossible": true, "answers": []}]}]}]}""");
        Path predictions = write("predictions2.json", "{\"1\": \"Ada\", \"2\": \"\"}");

        assertThat(run("evaluate", "--dataset", dataset.toString(), "--predictions", predictions.toString()))
                .isZero();

        assertThat(printed())
                .contains("\"exact\":100.0", "\"HasAns_exact\":100.0", "\"NoAns_f1\":100.0", "\"NoAns_total\":1");
    }

    private int run(String... arguments) {
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = SquadronCli.commandLine();
            commandLine.setErr(new PrintWriter(errors, true));
            return commandLine.execute(arguments);
        } finally {
            System.setOut(before);
        }
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
