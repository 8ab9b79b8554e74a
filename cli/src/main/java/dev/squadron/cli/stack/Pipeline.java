package dev.squadron.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.record.Seal;
import dev.squadron.contracts.run.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Drives a running stack from records to a checkpoint, and tells how far it is. */
public final class Pipeline {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final long POLL_MILLIS = 250;

    private final Home home;
    private final StackState stack;
    private final Console console;
    private final ServiceClient client = new ServiceClient();

    /**
     * What a data set has come to.
     *
     * @param ingested records written to the topic
     * @param augmented those of them that are augmented copies
     * @param refused records that ingest refused
     * @param mended records whose offset was put right
     * @param tokenized records that became examples
     * @param rejected records that the tokenizer refused
     */
    public record Counts(long ingested, long augmented, long refused, long mended, long tokenized, long rejected) {}

    /**
     * A source to ingest.
     *
     * @param source a file, a data set of the hub, or a URI
     * @param split train or validation; null: what the source says
     * @param format squad, jsonl or parquet; null: by the name
     */
    public record Input(String source, String split, String format) {}

    /** Works with the running stack of {@code home}. */
    public Pipeline(Home home, Console console) {
        this.home = home;
        this.stack = StackState.read(home);
        this.console = console;
    }

    /** Returns whether there is a data set of that name. */
    public boolean hasDataset(String dataset) {
        return client.find(stack.address("ingest") + "/v1/datasets/" + dataset).isPresent();
    }

    /** Takes a data set in as it is, and waits until the tokenizer is through with it. */
    public Counts ingest(String dataset, List<Input> inputs) {
        return ingest(dataset, inputs, null);
    }

    /**
     * Takes a data set in, and waits until the tokenizer is through with it.
     *
     * @param augmenting its augmentation and seed say what is made of the training records besides; null: nothing
     */
    public Counts ingest(String dataset, List<Input> inputs, Recipe augmenting) {
        String address = stack.address("ingest") + "/v1/datasets";
        ObjectNode request = ContractJson.mapper().createObjectNode().put("name", dataset);
        ArrayNode sources = request.putArray("sources");
        for (Input input : inputs) {
            ObjectNode source = sources.addObject().put("source", upload(input.source()));
            if (input.split() != null) {
                source.put("split", input.split());
            }
            String format = input.format() == null ? formatOf(input.source()) : input.format();
            if (format != null) {
                source.put("format", format);
            }
        }
        if (augmenting != null) {
            request.putPOJO("augmentation", augmenting.augmentation()).put("seed", augmenting.seed());
        }
        client.post(address, request);
        return await(dataset);
    }

    /** Waits until the tokenizer is through with a data set. */
    public Counts await(String dataset) {
        JsonNode state = client.get(stack.address("ingest") + "/v1/datasets/" + dataset);
        while (state.path("state").asText().equals("ingesting")) {
            console.bar("ingest", 0.5, state.path("position").asLong() + " records");
            pause();
            state = client.get(stack.address("ingest") + "/v1/datasets/" + dataset);
        }
        if (!state.path("state").asText().equals("sealed")) {
            throw new CliException(
                    "The data set " + dataset + " is " + state.path("state").asText() + ": "
                            + state.path("message").asText());
        }
        List<Seal> seals = SealReader.of(home)
                .await(dataset, PATIENCE, done -> console.bar("tokenize", done / 3.0, done + " partitions"));
        return new Counts(
                records(state),
                state.path("augmented").asLong(),
                state.path("rejected").asLong(),
                state.path("mended").asLong(),
                seals.stream().mapToLong(seal -> orZero(seal.tokenized())).sum(),
                seals.stream().mapToLong(seal -> orZero(seal.rejected())).sum());
    }

    /** Returns how many records of a data set were written, as {@code GET /v1/datasets} tells it. */
    public static long records(JsonNode dataset) {
        long records = 0;
        for (JsonNode count : dataset.path("records")) {
            records += count.asLong();
        }
        return records;
    }

    /** Trains a head and waits for its checkpoint; returns the run as the trainer shows it. */
    public JsonNode train(String dataset, String model, Recipe recipe) {
        ObjectNode request = ContractJson.mapper().createObjectNode().put("dataset", dataset);
        if (model != null) {
            request.put("model", model);
        }
        if (recipe != null) {
            request.set("recipe", ContractJson.mapper().valueToTree(recipe));
        }
        String address = stack.address("trainer") + "/v1/runs";
        JsonNode run = client.post(address, request);
        String name = run.path("run").asText();
        int told = 0;
        boolean baselineTold = false;
        while (!List.of("succeeded", "failed", "cancelled")
                .contains(run.path("state").asText())) {
            pause();
            run = client.get(address + "/" + name);
            if (!baselineTold && run.has("before")) {
                tellScores("before training", run.get("before"));
                baselineTold = true;
            }
            for (; told < run.path("epochs").size(); told++) {
                tellEpoch(run.path("epochs").get(told));
            }
            console.bar(run.path("stage").asText(), run.path("progress").asDouble(), detail(run));
        }
        if (!run.path("state").asText().equals("succeeded")) {
            throw new CliException("The run " + name + " has "
                    + run.path("state").asText() + ": " + run.path("message").asText("its log says why"));
        }
        for (; told < run.path("epochs").size(); told++) {
            tellEpoch(run.path("epochs").get(told));
        }
        if (run.has("after")) {
            tellScores("after training", run.get("after"));
        }
        console.say("  report          %s/%s/report", address, name);
        return run;
    }

    /** Asks a question. */
    public JsonNode ask(String question, String context) {
        return ask(ContractJson.mapper()
                .createObjectNode()
                .put("question", question)
                .put("context", context));
    }

    /** Asks a question as the body of {@code POST /v1/answers} has it. */
    public JsonNode ask(ObjectNode request) {
        return client.post(stack.address("inference") + "/v1/answers", request);
    }

    /** Tells the right answer to a question as the body of {@code POST /v1/feedback} has it. */
    public JsonNode correct(ObjectNode correction) {
        return client.post(stack.address("inference") + "/v1/feedback", correction);
    }

    private void tellEpoch(JsonNode epoch) {
        console.say(
                "  epoch %d      loss %.4f%s%s%s",
                epoch.path("epoch").asInt(),
                epoch.path("train_loss").asDouble(),
                number(epoch, "validation_loss", "   validation loss %.4f"),
                number(epoch, "exact", "   exact match %.2f"),
                number(epoch, "f1", "   F1 %.2f"));
    }

    private void tellScores(String when, JsonNode metrics) {
        console.say(
                "  %-15s exact match %.2f   F1 %.2f   validation loss %.4f",
                when,
                metrics.path("exact").asDouble(),
                metrics.path("f1").asDouble(),
                metrics.path("validation_loss").asDouble());
    }

    private static String detail(JsonNode run) {
        return number(run, "loss", "loss %.4f  ")
                + number(run, "seconds_left", "%.0f s left  ")
                + number(run, "learning_rate", "rate %.3g  ")
                + number(run, "gradient_norm", "gradient %.3g  ")
                + number(run, "examples_per_second", "%.0f examples/s  ")
                + number(run, "tokens_per_second", "%.0f tokens/s");
    }

    /** Returns a number of {@code of} in words, or nothing where it is not there. */
    private static String number(JsonNode of, String name, String format) {
        return of.has(name) ? String.format(Locale.ROOT, format, of.get(name).asDouble()) : "";
    }

    private String upload(String source) {
        Path file = Path.of(source);
        if (!Files.isRegularFile(file)) {
            return source;
        }
        return client.put(stack.address("ingest") + "/v1/uploads", file)
                .path("source")
                .asText();
    }

    private static String formatOf(String source) {
        String lower = source.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
            return "jsonl";
        }
        return lower.endsWith(".json") ? "squad" : null;
    }

    private static long orZero(Long value) {
        return value == null ? 0 : value;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted", e);
        }
    }
}
