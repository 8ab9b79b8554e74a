package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.cli.Console;
import dev.squadron.cli.model.LocalModel;
import dev.squadron.contracts.record.Answer;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.text.metric.SquadScores;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What each way of decoding gives and costs: scores, steps and speed, on every question of a file. */
@Command(
        name = "decoding",
        mixinStandardHelpOptions = true,
        description = "Exact match, F1, decoding steps and questions/s of each way of decoding.")
final class DecodingBenchmark implements Callable<Integer> {
    private static final int BATCH = 16;

    @Option(names = "--model", description = "A model's directory. Default: the demo model.")
    private Path directory;

    @Option(names = "--dataset", description = "A SQuAD file. Default: the handbook's validation questions.")
    private Path dataset;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    private List<SquadQuestion> questions;
    private List<LocalModel.Question> asked;
    private final Report report =
            new Report("search", "batch", "exact match", "F1", "decoding steps a question", "questions/s");

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty("squadron.home"));
        questions = read(dataset == null ? home.resolve("samples/handbook-validation.json") : dataset);
        asked = questions.stream()
                .map(each -> new LocalModel.Question(each.question(), each.context()))
                .toList();
        Path model = directory == null ? home.resolve("models/squadlet") : directory;
        try (LocalModel local = LocalModel.load(model.toString(), null, Precision.FP32, Console.system(true))) {
            GenerationConfig rules = local.rules();
            local.answer(
                    asked.subList(0, Math.min(64, asked.size())), Decoding.of(Mode.FREE, rules), BATCH, done -> {});
            measure(local, "free, greedy", free(rules, 0), BATCH);
            measure(local, "free, 4 beams", beams(Decoding.of(Mode.FREE, rules), 4), BATCH);
            measure(local, "grounded, greedy", beams(Decoding.of(Mode.GROUNDED, rules), 1), BATCH);
            measure(local, "grounded, 4 beams", Decoding.of(Mode.GROUNDED, rules), BATCH);
            measure(local, "best", Decoding.of(Mode.BEST, rules), BATCH);
            List<String> plain = measure(local, "free, greedy", free(rules, 0), 1);
            Decoding guessing = Decoding.of(Mode.FREE, rules);
            List<String> guessed = measure(
                    local,
                    "free, greedy, guessing " + guessing.rules().promptLookupNumTokens() + " tokens ahead",
                    guessing,
                    1);
            if (!guessed.equals(plain)) {
                throw new IllegalStateException("Guessing ahead has changed "
                        + IntStream.range(0, plain.size())
                                .filter(i -> !plain.get(i).equals(guessed.get(i)))
                                .count()
                        + " answers");
            }
            measure(local, "grounded, greedy", beams(Decoding.of(Mode.GROUNDED, rules), 1), 1);
        }
        System.out.println(questions.size() + " questions. " + report);
        if (write) {
            report.write(home.resolve("docs/performance.md"), "decoding");
        }
        return 0;
    }

    private List<String> measure(LocalModel local, String name, Decoding how, int batch) {
        long began = System.nanoTime();
        List<LocalModel.Answer> answers = local.answer(asked, how, batch, done -> {});
        double seconds = (System.nanoTime() - began) / 1e9;
        SquadScores scores = new SquadScores(Version.V1);
        for (int i = 0; i < answers.size(); i++) {
            List<String> references =
                    questions.get(i).answers().stream().map(Answer::text).toList();
            scores.add(answers.get(i).text(), references);
        }
        Map<String, Number> result = scores.report();
        long steps = answers.stream().mapToLong(LocalModel.Answer::steps).sum();
        report.row(
                name,
                batch,
                figure(result.get("exact").doubleValue()),
                figure(result.get("f1").doubleValue()),
                figure((double) steps / answers.size()),
                figure(answers.size() / seconds));
        return answers.stream().map(LocalModel.Answer::text).toList();
    }

    private static Decoding free(GenerationConfig rules, int guessed) {
        return new Decoding(
                Mode.FREE, rules.toBuilder().promptLookupNumTokens(guessed).build());
    }

    private static Decoding beams(Decoding how, int beams) {
        return new Decoding(how.mode(), how.rules().toBuilder().numBeams(beams).build());
    }

    private static List<SquadQuestion> read(Path file) throws IOException {
        try (SquadReader reader = new SquadReader(file.toString(), Files.newInputStream(file))) {
            List<SquadQuestion> questions = new ArrayList<>();
            reader.forEachRemaining(questions::add);
            return questions;
        }
    }
}
