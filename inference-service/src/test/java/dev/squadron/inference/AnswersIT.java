package dev.squadron.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The REST interface over the demo model. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AnswersIT {
    private static final String PASSAGE = "🐧 The ferry leaves the harbour at noon. Anna Berg is its captain.";
    private static final Map<String, String> QUESTION = Map.of("question", "Who is the captain?", "context", PASSAGE);

    @BeforeEach
    void untilReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void answersAQuestionWithItsPlaceInCodePoints() {
        given().contentType(ContentType.JSON)
                .body(QUESTION)
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .header("Squadron-Checkpoint", "pretrained")
                .body("answer", equalTo("Anna Berg"))
                .body("start", equalTo(40))
                .body("end", equalTo(49))
                .body("score", allOf(greaterThan(0f), lessThan(1f)))
                .body("alternatives", equalTo(List.of()))
                .body("mode", equalTo("free"))
                .body("checkpoint", nullValue())
                .body("finish_reason", equalTo("stop"))
                .body("decoding_steps", greaterThan(0))
                .body("truncated", equalTo(false))
                .body("timings.total_ms", greaterThan(0f));
    }

    @Test
    void answersManyInTheirOrderAndForm() {
        Map<String, String> other = Map.of("question", "When does the ferry leave?", "context", PASSAGE);
        given().contentType(ContentType.JSON)
                .body(List.of(QUESTION, other))
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .body("answer", equalTo(List.of("Anna Berg", "the harbour at noon")));
        given().contentType(ContentType.JSON)
                .body(Map.of("items", List.of(other, QUESTION)))
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .body("items.answer", equalTo(List.of("the harbour at noon", "Anna Berg")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"grounded", "best"})
    void quotesThePassageWithAlternatives(String mode) {
        JsonPath answer = given().contentType(ContentType.JSON)
                .body(with(Map.of("mode", mode, "parameters", Map.of("num_return_sequences", 3))))
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .body("answer", equalTo("Anna Berg"))
                .body("start", equalTo(40))
                .body("end", equalTo(49))
                .body("mode", equalTo(mode))
                .body("score", allOf(greaterThan(0f), lessThan(1f)))
                .body("decoding_steps", greaterThan(0))
                .body("alternatives.size()", equalTo(2))
                .extract()
                .jsonPath();
        int[] passage = PASSAGE.codePoints().toArray();
        for (int i = 0; i < 2; i++) {
            int start = answer.getInt("alternatives[" + i + "].start");
            int end = answer.getInt("alternatives[" + i + "].end");
            assertThat(answer.getString("alternatives[" + i + "].answer"))
                    .isNotEqualTo("Anna Berg")
                    .isEqualTo(new String(passage, start, end - start));
        }
    }

    @Test
    void quotesWhatTheTokenizerWritesInAnotherWay() {
        String passage = "The ﬁrst\u3000captain\u00a0of the\t㎏ was Ａnna ½ Berg 🐧.";
        JsonPath answer = given().contentType(ContentType.JSON)
                .body(Map.of("question", "Who was the first captain?", "context", passage, "mode", "grounded"))
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        int[] characters = passage.codePoints().toArray();
        assertThat(answer.getString("answer"))
                .isNotBlank()
                .isEqualTo(
                        new String(characters, answer.getInt("start"), answer.getInt("end") - answer.getInt("start")));
    }

    @Test
    void searchesEachItemInItsOwnWay() {
        Map<String, Object> sampled = with(Map.of(
                "mode",
                "free",
                "parameters",
                Map.of("do_sample", true, "seed", 7, "num_return_sequences", 2, "max_new_tokens", 5)));
        Map<String, Object> body = Map.of("mode", "best", "items", List.of(QUESTION, sampled, sampled));

        given().contentType(ContentType.JSON)
                .body(body)
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .body("items.mode", equalTo(List.of("best", "free", "free")))
                .body("items[1].alternatives.size()", equalTo(1))
                .body("items[0].answer", equalTo("Anna Berg"));
        List<String> answers = given().contentType(ContentType.JSON)
                .body(body)
                .post("/v1/answers")
                .jsonPath()
                .getList("items.answer");
        assertThat(answers.get(1)).isEqualTo(answers.get(2));
    }

    @Test
    void namesEachParameterAtFault() {
        given().contentType(ContentType.JSON)
                .body(with(Map.of(
                        "mode",
                        "free",
                        "parameters",
                        Map.of(
                                "num_beams",
                                17,
                                "max_new_tokens",
                                2.5,
                                "temperature",
                                0.5,
                                "early_stopping",
                                "always",
                                "penalty_alpha",
                                1))))
                .post("/v1/answers")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body(
                        "errors.detail",
                        containsInAnyOrder(
                                "parameters.num_beams is 17; it must be a whole number from 1 to 16.",
                                "parameters.max_new_tokens is 2.5; it must be a whole number from 1 to 64.",
                                "parameters.early_stopping is \"always\"; it must be true, false or \"never\".",
                                "parameters.penalty_alpha is not known; known are max_new_tokens, min_new_tokens,"
                                        + " num_return_sequences, num_beams, length_penalty, early_stopping, do_sample,"
                                        + " temperature, top_k, top_p, seed, repetition_penalty, no_repeat_ngram_size,"
                                        + " prompt_lookup_num_tokens."));
        refused(Map.of("mode", "exact"), "mode is \"exact\"; it must be one of free, grounded, best.");
        refused(
                Map.of("mode", "best", "parameters", Map.of("num_beams", 4)),
                "parameters.num_beams goes with mode free, grounded and the mode is best;"
                        + " leave it out, or choose another mode.");
        refused(
                Map.of("mode", "grounded", "parameters", Map.of("max_new_tokens", 1)),
                "parameters.max_new_tokens is 1; a quotation and its end need at least 2.");
        refused(
                Map.of("parameters", Map.of("temperature", 0.5)),
                "parameters.temperature has no effect without do_sample; set do_sample to true, or leave it out.");
        refused(
                Map.of("parameters", Map.of("num_return_sequences", 3)),
                "parameters: num_return_sequences is 3 and num_beams 1;"
                        + " without do_sample there are no more sequences than beams.");
        refused(
                Map.of("parameters", 3),
                "parameters must be an object; known in it are max_new_tokens, min_new_tokens, num_return_sequences,"
                        + " num_beams, length_penalty, early_stopping, do_sample, temperature, top_k, top_p, seed,"
                        + " repetition_penalty, no_repeat_ngram_size, prompt_lookup_num_tokens.");
    }

    @Test
    void looksIntoTheModel() throws Exception {
        List<String> taps = given().get("/v1/debug/taps").jsonPath().getList("taps");
        assertThat(taps).contains("encoder.block.0.hidden", "decoder.block.0.cross_attention");
        JsonPath hidden = given().contentType(ContentType.JSON)
                .body(with(Map.of("answer", "Anna Berg")))
                .post("/v1/debug/taps/decoder.last_hidden_state")
                .then()
                .statusCode(200)
                .body("name", equalTo("decoder.last_hidden_state"))
                .extract()
                .jsonPath();
        List<Integer> shape = hidden.getList("shape");
        assertThat(hidden.getList("values")).hasSize(shape.get(0) * shape.get(1));

        byte[] file = given().contentType(ContentType.JSON)
                .accept("application/octet-stream")
                .body(QUESTION)
                .post("/v1/debug/taps/decoder.block.0.cross_attention")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray();
        Path saved = Files.write(Files.createTempFile("tap", ".safetensors"), file);
        assertThat(SafetensorsFile.open(saved)
                        .tensor("decoder.block.0.cross_attention")
                        .shape())
                .hasSize(3);

        given().contentType(ContentType.JSON)
                .body(Map.of("question", "Who?", "context", PASSAGE + " The sea was calm.".repeat(100)))
                .post("/v1/debug/taps/encoder.block.0.self_attention")
                .then()
                .statusCode(422)
                .body("type", equalTo("urn:squadron:problem:too-large-for-json"));
        given().contentType(ContentType.JSON)
                .body(QUESTION)
                .post("/v1/debug/taps/encoder.block.0.hid")
                .then()
                .statusCode(404)
                .body("detail", containsString("There is no tap encoder.block.0.hid"));
    }

    @Test
    void saysThatALongPassageWasCut() {
        given().contentType(ContentType.JSON)
                .body(Map.of(
                        "question", "Who is the captain?", "context", PASSAGE + " The sea was calm.".repeat(1_000)))
                .post("/v1/answers")
                .then()
                .statusCode(200)
                .body("truncated", equalTo(true));
    }

    @Test
    void namesTheFieldTheRuleAndTheRemedy() {
        given().contentType(ContentType.JSON)
                .body(Map.of("items", List.of(QUESTION, Map.of("question", " ", "context", "x".repeat(131_073)))))
                .post("/v1/answers")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:squadron:problem:invalid-field"))
                .body("errors.field", equalTo(List.of("items[1].question", "items[1].context")))
                .body("errors[0].detail", containsString("is blank; fill it"))
                .body("errors[1].detail", containsString("131073 characters and may have 131072; shorten it"));
    }

    @Test
    void refusesAQuestionThatLeavesNoRoomForThePassage() {
        given().contentType(ContentType.JSON)
                .body(Map.of("question", "why ".repeat(1_000), "context", PASSAGE))
                .post("/v1/answers")
                .then()
                .statusCode(422)
                .body("errors.field", equalTo(List.of("question")))
                .body("detail", containsString("shorten it"));
    }

    @Test
    void refusesWhatItCannotRead() {
        given().contentType(ContentType.TEXT)
                .body("Who?")
                .post("/v1/answers")
                .then()
                .statusCode(415)
                .contentType("application/problem+json");
        given().contentType(ContentType.JSON)
                .body("{\"question\": ")
                .post("/v1/answers")
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
        given().contentType(ContentType.JSON)
                .body(new byte[4_194_305])
                .post("/v1/answers")
                .then()
                .statusCode(413)
                .contentType("application/problem+json")
                .body("detail", containsString("4194304"));
    }

    @Test
    void refusesToRollBackWhereNothingWasLiveBefore() {
        given().post("/v1/model/rollback")
                .then()
                .statusCode(409)
                .body("type", equalTo("urn:squadron:problem:nothing-to-roll-back"));
    }

    @Test
    void describesItself() {
        given().accept(ContentType.JSON)
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("paths.'/v1/answers'.post.responses.keySet()", hasItem("429"))
                .body("components.schemas.Question.properties.mode.enum", equalTo(List.of("free", "grounded", "best")))
                .body(
                        "components.schemas.Parameters.properties.keySet()",
                        containsInAnyOrder(
                                "max_new_tokens",
                                "min_new_tokens",
                                "num_return_sequences",
                                "num_beams",
                                "length_penalty",
                                "early_stopping",
                                "do_sample",
                                "temperature",
                                "top_k",
                                "top_p",
                                "seed",
                                "repetition_penalty",
                                "no_repeat_ngram_size",
                                "prompt_lookup_num_tokens"));
        given().get("/q/swagger-ui/").then().statusCode(200);
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("squadron_num_requests_running{"))
                .body(containsString("squadron_num_requests_waiting{"))
                .body(containsString("squadron_e2e_request_latency_seconds_bucket{"))
                .body(containsString("squadron_request_queue_time_seconds_count{"))
                .body(containsString("squadron_head_swap_seconds_count{"))
                .body(containsString("squadron_checkpoint_age_seconds{"));
        given().get("/")
                .then()
                .statusCode(200)
                .header("Content-Security-Policy", startsWith("default-src 'none'; script-src 'self'"));
    }

    private static Map<String, Object> with(Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(QUESTION);
        body.putAll(more);
        return body;
    }

    private static void refused(Map<String, Object> more, String why) {
        given().contentType(ContentType.JSON)
                .body(with(more))
                .post("/v1/answers")
                .then()
                .statusCode(422)
                .body("detail", equalTo(why));
    }
}
