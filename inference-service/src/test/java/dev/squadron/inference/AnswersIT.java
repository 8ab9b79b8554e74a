package dev.squadron.inference;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The REST interface over the demo model. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AnswersIT {
    private static final String PASSAGE = "🐧 The ferry leaves the harbour at noon. Anna Berg is its captain.";
    private static final Map<String, String> QUESTION = Map.of("question", "Who is the captain?", "context", PASSAGE);

    @BeforeEach
    void untilReady() {
        Awaitility.await().until(() -> given().get("/q/health/ready").statusCode() == 200);
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
                .body("checkpoint", nullValue())
                .body("finish_reason", equalTo("stop"))
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
                .body("paths.'/v1/answers'.post.responses.keySet()", hasItem("429"));
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
}
