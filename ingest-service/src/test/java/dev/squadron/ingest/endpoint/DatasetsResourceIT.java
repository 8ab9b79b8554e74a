package dev.squadron.ingest.endpoint;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data sets over REST. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class DatasetsResourceIT {
    private static final Path HANDBOOK = Path.of(System.getProperty("squadron.home"), "samples", "handbook-train.json");

    @BeforeEach
    void untilReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void readsTheSourcesOfAnotherDataSetAgainAndAugmentsTheirRecords() {
        String upload = given().contentType(ContentType.BINARY)
                .body(HANDBOOK.toFile())
                .put("/v1/uploads")
                .then()
                .statusCode(201)
                .extract()
                .path("source");
        open(Map.of("name", "handbook", "sources", List.of(Map.of("source", upload, "format", "squad"))));
        sealed("handbook");

        open(Map.of(
                "name",
                "handbook-more",
                "from",
                "handbook",
                "augmentation",
                Map.of("mix", 1, "paraphrase", "rules"),
                "seed",
                7));
        sealed("handbook-more");

        int augmented = given().get("/v1/datasets/handbook-more")
                .then()
                .body("position", equalTo(439))
                .body("seed", equalTo(7))
                .body("augmentation.paraphrase", equalTo("rules"))
                .body("sources[0].uri", equalTo(upload))
                .extract()
                .path("augmented");
        given().get("/v1/datasets/handbook-more").then().body("records.train", equalTo(439 + augmented));
        given().get("/v1/datasets/handbook")
                .then()
                .body("augmented", equalTo(0))
                .body("records.train", equalTo(439));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"name":"a","sources":[{"source":"x"}],"augmentation":{"drop_sentence":0.1}} | 422 | drop_sentence is unknown; did you mean drop_sentences?
            {"name":"a","sources":[{"source":"x"}],"augmentation":{}}                    | 422 | changes nothing
            {"name":"a","augmentation":{"noise":0.1}}                                    | 422 | Name either sources or, in from
            {"name":"a","from":"b","sources":[{"source":"x"}]}                           | 422 | Name either sources or, in from
            {"name":"a","from":"nowhere"}                                                | 404 | There is no data set nowhere
            {"name":"A","sources":[{"source":"x"}]}                                      | 422 | must match
            {"name":"a","sources":[]}                                                    | 422 | must hold 1 to 100 sources
            """)
    void saysWhatIsWrongWithARequest(String body, int status, String text) {
        given().contentType(ContentType.JSON)
                .body(body)
                .post("/v1/datasets")
                .then()
                .statusCode(status)
                .body("detail", containsString(text));
    }

    private static void open(Map<String, ?> request) {
        given().contentType(ContentType.JSON)
                .body(request)
                .post("/v1/datasets")
                .then()
                .statusCode(202);
    }

    private static void sealed(String dataset) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "sealed"
                .equals(given().get("/v1/datasets/" + dataset).path("state")));
    }
}
