package dev.squadron.inference;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Split;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Messages;
import dev.squadron.kit.kafka.TopicFollower;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Corrections become records of the topic, and nothing else does. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class FeedbackIT {
    private static final String PASSAGE = "🐧 Anna Berg is the captain. Anna Berg likes tea.";
    private static final Map<String, Object> CORRECTION =
            Map.of("question", "Who is the captain?", "context", PASSAGE, "answer", "Anna Berg");

    @Inject
    KafkaClients clients;

    @Test
    void aCorrectionIsARecordOfTheTrainingSplit() throws Exception {
        String id = post(CORRECTION)
                .statusCode(202)
                .body("dataset", equalTo("feedback"))
                .extract()
                .path("id");
        post(with("answer", "captain")).statusCode(202).body("id", equalTo(id));
        post(with("question", "Who likes tea?")).statusCode(202);
        post(with(
                        "id",
                        "mine",
                        "dataset",
                        "support",
                        "split",
                        "validation",
                        "answers",
                        List.of(Map.of("text", "tea", "answer_start", 44)),
                        "answer",
                        null))
                .statusCode(202)
                .body("dataset", equalTo("support"))
                .body("id", equalTo("mine"));

        List<ConsumerRecord<byte[], byte[]>> messages = records();
        assertThat(messages)
                .extracting(message -> new String(message.key(), UTF_8))
                .contains("feedback/" + id, "support/mine");
        ConsumerRecord<byte[], byte[]> first = messages.stream()
                .filter(message -> new String(message.key(), UTF_8).equals("feedback/" + id))
                .findFirst()
                .orElseThrow();
        assertThat(Messages.type(first)).contains(Headers.TYPE_RECORD);
        assertThat(QaRecordCodec.read(first.value()).record())
                .isEqualTo(new QaRecord(
                        "feedback",
                        id,
                        Split.TRAIN,
                        "Who is the captain?",
                        PASSAGE,
                        List.of(new Answer("Anna Berg", 2)),
                        false));
        assertThat(messages.stream()
                        .filter(message -> new String(message.key(), UTF_8).equals("support/mine"))
                        .map(message -> new String(message.value(), UTF_8)))
                .allSatisfy(json -> assertThat(json).contains("\"split\":\"train\""));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(List.of(), "wrong-type", "must be an object"),
                Arguments.of(with("question", null), "missing-field", "question"),
                Arguments.of(with("question", " "), "blank", "question"),
                Arguments.of(with("context", 7), "wrong-type", "context"),
                Arguments.of(with("answer", null), "no-answer", "no answer"),
                Arguments.of(with("answer", 7), "wrong-type", "text"),
                Arguments.of(with("answer", "Eva"), "answer-not-in-context", "quote it literally"),
                Arguments.of(with("answers", List.of(Map.of("text", "tea"))), "wrong-type", "give one of them"),
                Arguments.of(with("is_impossible", true), "no-answer", "drop the answers"),
                Arguments.of(with("dataset", "No Name"), "bad-name", "must match"),
                Arguments.of(with("question", "why ".repeat(3000)), "too-long", "shorten"),
                Arguments.of(with("question", "why ".repeat(1000)), "question-too-long", "question"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatBreaksARuleIsRefusedByName(Object body, String rule, String why) {
        post(body).statusCode(422).body("type", endsWith(":" + rule)).body("detail", containsString(why));
    }

    private static ValidatableResponse post(Object body) {
        return given().contentType(ContentType.JSON)
                .body(body)
                .post("/v1/feedback")
                .then();
    }

    /** Returns the correction with other fields; null takes one away. */
    private static Map<String, Object> with(Object... fields) {
        Map<String, Object> changed = new HashMap<>(CORRECTION);
        for (int i = 0; i < fields.length; i += 2) {
            changed.put((String) fields[i], fields[i + 1]);
        }
        changed.values().removeIf(value -> value == null);
        return changed;
    }

    private List<ConsumerRecord<byte[], byte[]>> records() throws Exception {
        Queue<ConsumerRecord<byte[], byte[]>> messages = new ConcurrentLinkedQueue<>();
        try (TopicFollower follower = TopicFollower.start(clients, Topics.RECORDS, messages::add)) {
            follower.caughtUp().get(20, TimeUnit.SECONDS);
        }
        return List.copyOf(messages);
    }
}
