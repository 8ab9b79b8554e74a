package dev.squadron.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Counts;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.contracts.ContractJson;
import dev.squadron.text.squad.SquadQuestion;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job with each service killed in the middle of its work: the same counts, and the same head, bit for bit. */
class KillIT {
    private static final int TRAIN = 60;
    private static final int VALIDATION = 16;
    private static final int COPIES = 30;

    @TempDir
    private Path directory;

    /** What a job has come to. */
    private record Result(Counts small, Counts large, String checkpoint, String answeredBy) {}

    @Test
    void aJobWhoseServicesAreKilledEndsAsAnUndisturbedOne() throws Exception {
        Result undisturbed = new Job("undisturbed").run(false);
        Result killed = new Job("killed").run(true);

        assertThat(undisturbed.small().ingested()).isEqualTo(TRAIN + VALIDATION);
        assertThat(undisturbed.small().tokenized() + undisturbed.small().rejected())
                .isEqualTo(TRAIN + VALIDATION);
        assertThat(undisturbed.large().tokenized())
                .isEqualTo(undisturbed.large().ingested());
        assertThat(killed).isEqualTo(undisturbed);
        assertThat(killed.answeredBy()).isEqualTo(killed.checkpoint());
    }

    /** The main job on a stack of its own. */
    private final class Job {
        private final Home home;
        private final StackProcesses processes;
        private final ServiceClient client = new ServiceClient();

        Job(String name) {
            home = new Home(Samples.ROOT, directory.resolve(name));
            processes = new StackProcesses(home, Samples.quiet());
        }

        Result run(boolean kill) throws Exception {
            processes.up(home.demoModel().toString());
            try {
                Path large = large();
                ObjectNode request = ContractJson.mapper().createObjectNode().put("name", "large");
                request.putArray("sources")
                        .addObject()
                        .put(
                                "source",
                                client.put(at("ingest", "/v1/uploads"), large)
                                        .path("source")
                                        .asText())
                        .put("format", "jsonl");
                client.post(at("ingest", "/v1/datasets"), request);
                if (kill) {
                    await(
                            "ingest",
                            "/v1/datasets/large",
                            state -> state.path("position").asLong() > 0);
                    killAndRestart("ingest");
                    killAndRestart("tokenizer");
                }
                Counts largeCounts = pipeline().await("large");
                Counts smallCounts = pipeline()
                        .ingest(
                                "small",
                                List.of(
                                        new Input(
                                                Samples.squad(directory, "handbook-train.json", TRAIN)
                                                        .toString(),
                                                "train",
                                                null),
                                        new Input(
                                                Samples.squad(directory, "handbook-validation.json", VALIDATION)
                                                        .toString(),
                                                "validation",
                                                null)));
                client.post(
                        at("trainer", "/v1/runs"),
                        Map.of("run", "r", "dataset", "small", "recipe", Map.of("epochs", 3, "batch_size", 4)));
                if (kill) {
                    for (String stage : List.of("extracting", "training", "validating")) {
                        await("trainer", "/v1/runs/r", run -> isAtOrBehind(run, stage));
                        killAndRestart("trainer");
                    }
                    killAndRestart("inference");
                }
                JsonNode run = await("trainer", "/v1/runs/r", state -> state.path("state")
                        .asText()
                        .equals("succeeded"));
                String checkpoint = run.at("/checkpoint/id").asText();
                return new Result(smallCounts, largeCounts, checkpoint, answeredBy(checkpoint));
            } finally {
                processes.down();
            }
        }

        /** Looks anew where the services are. */
        private Pipeline pipeline() {
            return new Pipeline(home, Samples.quiet());
        }

        private void killAndRestart(String service) {
            ProcessHandle process =
                    StackState.read(home).processes().get(service).handle().orElseThrow();
            process.destroyForcibly();
            process.onExit().join();
            processes.restart(service, home.demoModel().toString());
        }

        /** Waits for a state; a service that is starting does not answer. */
        private JsonNode await(String service, String path, Predicate<JsonNode> condition) {
            JsonNode[] found = new JsonNode[1];
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptionsMatching(CliException.class::isInstance)
                    .until(() -> {
                        found[0] = client.get(at(service, path));
                        return condition.test(found[0]);
                    });
            return found[0];
        }

        private String answeredBy(String checkpoint) {
            String[] found = {""};
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
                found[0] = pipeline()
                        .ask("Who keeps the light?", "Ada keeps the light.")
                        .path("checkpoint")
                        .asText();
                return found[0].equals(checkpoint);
            });
            return found[0];
        }

        private String at(String service, String path) {
            return StackState.read(home).address(service) + path;
        }
    }

    private static boolean isAtOrBehind(JsonNode run, String stage) {
        List<String> order = List.of("waiting", "extracting", "baseline", "training", "validating", "saving", "done");
        return order.indexOf(run.path("stage").asText()) >= order.indexOf(stage);
    }

    /** Many records in JSON Lines, so that there is a middle to be killed in. */
    private Path large() throws IOException {
        Path file = directory.resolve("large.jsonl");
        List<SquadQuestion> questions = Samples.questions("handbook-train.json");
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int copy = 0; copy < COPIES; copy++) {
                for (SquadQuestion question : questions) {
                    ObjectNode record = ContractJson.mapper()
                            .createObjectNode()
                            .put("id", question.id() + "-" + copy)
                            .put("question", question.question())
                            .put("context", question.context());
                    record.set("answers", ContractJson.mapper().valueToTree(question.answers()));
                    writer.write(new String(ContractJson.write(record), StandardCharsets.UTF_8));
                    writer.newLine();
                }
            }
        }
        return file;
    }
}
