package dev.squadron.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.Pipeline;
import dev.squadron.cli.stack.Pipeline.Input;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.cli.stack.StackStatus;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.TopicFollower;
import dev.squadron.text.squad.SquadQuestion;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A correction changes what is answered, and a flood of wrong ones does not: records, folds, gate, heads. */
class ContinuousIT {
    /** Less than what is enough at once, so that all of them come into one fold. */
    private static final int FLOOD = 30;

    private static final double MAX_DROP = 2;
    private static final Duration A_MINUTE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final ServiceClient client = new ServiceClient();
    private Home home;
    private Pipeline pipeline;

    @Test
    void aCorrectionChangesTheAnswerAndAFloodOfWrongOnesDoesNot() throws Exception {
        home = new Home(Samples.ROOT, directory.resolve("home"));
        StackProcesses processes = new StackProcesses(home, Samples.quiet());
        processes.up(home.demoModel().toString());
        Queue<CheckpointEvent> events = new ConcurrentLinkedQueue<>();
        try (TopicFollower follower = follow(events)) {
            assertThat(follower.caughtUp()).succeedsWithin(A_MINUTE);
            pipeline = new Pipeline(home, Samples.quiet());
            String trained = train();
            awaitAnswerBy(trained);
            SquadQuestion question = question();
            String right = question.answers().get(0).text();
            assertThat(answer(question)).isNotEqualTo(right);

            correct(question, right);

            Awaitility.await().atMost(A_MINUTE).until(() -> answer(question).equals(right));
            CheckpointEvent promoted = last(events);
            assertThat(promoted.type()).isEqualTo(CheckpointEvent.Type.PROMOTED);
            assertThat(promoted.previous().id()).isEqualTo(trained);
            assertThat(promoted.metrics().get("f1"))
                    .isGreaterThanOrEqualTo(promoted.metrics().get("baseline_f1") - MAX_DROP);

            Samples.questions("handbook-validation.json").subList(0, FLOOD).parallelStream()
                    .forEach(asked -> correct(
                            asked, asked.context().substring(0, asked.context().indexOf(' '))));

            Awaitility.await().atMost(A_MINUTE.multipliedBy(3)).until(() -> isDone(FLOOD + 1));
            assertThat(List.copyOf(events).subList(2, events.size())).allSatisfy(event -> {
                assertThat(event.type()).isEqualTo(CheckpointEvent.Type.REJECTED);
                assertThat(event.reason()).contains("f1 is", "the gate allows a loss of " + MAX_DROP);
                assertThat(event.live()).isEqualTo(promoted.live());
            });
            JsonNode answer = ask(question);
            assertThat(answer.path("answer").asText()).isEqualTo(right);
            assertThat(answer.path("checkpoint").asText())
                    .isEqualTo(promoted.live().id());
            StackStatus status = StackStatus.of(home, processes);
            assertThat(status.isWell()).as(status.toString()).isTrue();
            assertThat(status.processes()).containsKeys("stack", "ingest", "tokenizer", "trainer", "inference");
            assertThat(status.model().path("checkpoint").asText())
                    .isEqualTo(promoted.live().id());
            assertThat(status.datasets())
                    .extracting(dataset -> dataset.path("dataset").asText())
                    .contains("handbook");
            assertThat(status.runs())
                    .isNotEmpty()
                    .allMatch(run -> run.path("state").asText().equals("succeeded"));
        } finally {
            processes.down();
        }
    }

    /** Trains as the demo does; returns the checkpoint. */
    private String train() throws Exception {
        pipeline.ingest(
                "handbook",
                List.of(
                        new Input(home.sample("handbook-train.json").toString(), "train", null),
                        new Input(home.sample("handbook-validation.json").toString(), "validation", null)));
        Recipe recipe = Recipe.read(Files.readAllBytes(home.sample("recipes/demo.json")), "demo.json");
        return pipeline.train("handbook", null, recipe).at("/checkpoint/id").asText();
    }

    /** A question about a passage that is in neither split. */
    private static SquadQuestion question() throws IOException {
        return Samples.questions("handbook-v2.json").stream()
                .filter(question -> question.question().equals("What is pictured on the stamp?"))
                .findFirst()
                .orElseThrow();
    }

    private void correct(SquadQuestion question, String answer) {
        pipeline.correct(request(question).put("answer", answer));
    }

    private String answer(SquadQuestion question) {
        return ask(question).path("answer").asText();
    }

    private JsonNode ask(SquadQuestion question) {
        return pipeline.ask(request(question).put("mode", "grounded"));
    }

    private static ObjectNode request(SquadQuestion question) {
        return ContractJson.mapper()
                .createObjectNode()
                .put("question", question.question())
                .put("context", question.context());
    }

    private void awaitAnswerBy(String checkpoint) throws IOException {
        SquadQuestion question = question();
        Awaitility.await()
                .atMost(A_MINUTE)
                .until(() -> ask(question).path("checkpoint").asText().equals(checkpoint));
    }

    /** Returns whether so many corrections have been through folds that have ended. */
    private boolean isDone(int corrections) {
        long done = 0;
        for (JsonNode run : client.get(StackState.read(home).address("trainer") + "/v1/runs")) {
            if (run.has("fold") && run.path("state").asText().equals("succeeded")) {
                for (JsonNode range : run.at("/fold/fresh")) {
                    done += range.path("records").asLong();
                }
            }
        }
        return done >= corrections;
    }

    private TopicFollower follow(Queue<CheckpointEvent> events) throws IOException {
        Properties settings = new Properties();
        try (Reader reader =
                Files.newBufferedReader(home.state().resolve("data").resolve("settings.properties"))) {
            settings.load(reader);
        }
        KafkaClients clients =
                KafkaClients.of(Map.of("bootstrap.servers", settings.getProperty("kafka.bootstrap.servers")));
        return TopicFollower.start(
                clients,
                Topics.CHECKPOINTS,
                message -> events.add(ContractJson.read(message.value(), CheckpointEvent.class)));
    }

    private static CheckpointEvent last(Queue<CheckpointEvent> events) {
        return List.copyOf(events).get(events.size() - 1);
    }
}
