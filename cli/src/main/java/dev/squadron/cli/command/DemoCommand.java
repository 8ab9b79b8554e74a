package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.text.squad.SquadQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job, told as a story: records, tokens, a trained head, a checkpoint, answers. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Run the main job on the bundled data set and the demo model: records, tokens, head, checkpoint, answers.")
public final class DemoCommand implements Callable<Integer> {
    private static final String DATASET = "handbook";
    private static final int QUESTIONS = 3;

    @Option(names = "--keep", description = "Leave the stack running at the end.")
    private boolean keep;

    @Option(names = "--fresh", description = "Delete the data of the stack before it starts.")
    private boolean fresh;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        StackProcesses processes = new StackProcesses(home, console);
        boolean found = StackState.read(home).isRunning();
        if (fresh && !found) {
            delete(home.state());
        }
        long began = System.nanoTime();
        console.say(
                "Squadron demo: a head for the demo model, from the handbook of a ferry company it has never heard of.");
        console.say("");
        console.say("1. Start: Kafka, an S3 server and four services, each a process of its own");
        StackState stack =
                found ? StackState.read(home) : processes.up(home.demoModel().toString());
        try {
            UpCommand.tell(console, stack);
            JsonNode run = tell(home, console);
            console.say("");
            console.say("Done in %.0f s.", (System.nanoTime() - began) / 1e9);
            if (output.isJson()) {
                console.json(run);
            }
        } finally {
            if (!found && !keep) {
                processes.down();
            }
        }
        if (found || keep) {
            console.say(
                    "Go on: open %s/, ask with `squadron ask`, stop with `squadron down`.", stack.address("inference"));
        } else {
            console.say("Go on: `squadron up` starts the stack again with all it has learned; then open its page, or"
                    + " `squadron ask --question … --context …`.");
        }
        return 0;
    }

    private JsonNode tell(Home home, Console console) {
        Pipeline pipeline = new Pipeline(home, console);
        console.say("");
        console.say("2. Ingest and tokenize: samples/handbook-train.json, samples/handbook-validation.json");
        boolean known = pipeline.hasDataset(DATASET);
        IngestCommand.tell(
                console,
                DATASET,
                known
                        ? pipeline.await(DATASET)
                        : pipeline.ingest(
                                DATASET,
                                List.of(
                                        new Input(
                                                home.sample("handbook-train.json")
                                                        .toString(),
                                                "train",
                                                null),
                                        new Input(
                                                home.sample("handbook-validation.json")
                                                        .toString(),
                                                "validation",
                                                null))));
        console.say("");
        console.say("3. Train the head (recipe samples/recipes/demo.json), and keep asking meanwhile");
        List<SquadQuestion> questions = PredictCommand.read(home.sample("handbook-validation.json"));
        Asker asker = new Asker(pipeline, questions.get(0));
        asker.start();
        JsonNode run;
        try {
            run = pipeline.train(
                    DATASET,
                    null,
                    RecipeFile.read(home.sample("recipes/demo.json").toString()));
            asker.awaitCheckpoint(run.at("/checkpoint/id").asText());
        } finally {
            asker.finish();
        }
        console.say("  checkpoint      %s", run.at("/checkpoint/key").asText());
        console.say("                  in the bucket at %s", bucket(home));
        console.say("");
        console.say(
                "4. Swap: the new head is live; %d questions were asked meanwhile, %d failed",
                asker.asked(), asker.failed());
        if (asker.failed() > 0) {
            throw new CliException("Questions failed while the head was swapped; look at `squadron logs inference`.");
        }
        console.say("");
        console.say(
                "5. Ask %d of the %d validation questions, of which the new head answers %.0f %% word for word",
                QUESTIONS, questions.size(), run.at("/after/exact").asDouble());
        int step = questions.size() / QUESTIONS;
        for (int i = 0; i < QUESTIONS; i++) {
            SquadQuestion question = questions.get(i * step + step / 2);
            JsonNode answer = pipeline.ask(question.question(), question.context());
            console.say("  Q %s", question.question());
            console.say(
                    "  A %s   (score %.2f, the handbook says: %s)",
                    answer.path("answer").asText(),
                    answer.path("score").asDouble(),
                    question.answers().get(0).text());
        }
        return run;
    }

    private static Path bucket(Home home) {
        return home.state().resolve("data").resolve("objects");
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new CliException(folder + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    /** Asks one question over and over, so that a swap that hurts would be seen. */
    private static final class Asker extends Thread {
        private static final long PATIENCE_NANOS = 60_000_000_000L;

        private final Pipeline pipeline;
        private final SquadQuestion question;
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicBoolean finished = new AtomicBoolean();
        private volatile String checkpoint = "";

        Asker(Pipeline pipeline, SquadQuestion question) {
            super("asker");
            this.pipeline = pipeline;
            this.question = question;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!finished.get()) {
                try {
                    checkpoint = pipeline.ask(question.question(), question.context())
                            .path("checkpoint")
                            .asText();
                } catch (CliException e) {
                    failed.incrementAndGet();
                }
                asked.incrementAndGet();
                pause();
            }
        }

        void awaitCheckpoint(String id) {
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (!id.equals(checkpoint)) {
                if (System.nanoTime() > end) {
                    throw new CliException(
                            "The head " + id + " is not served after a minute; look at `squadron logs inference`.");
                }
                pause();
            }
        }

        void finish() {
            finished.set(true);
            try {
                join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        int asked() {
            return asked.get();
        }

        int failed() {
            return failed.get();
        }

        private static void pause() {
            try {
                Thread.sleep(250);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
