package dev.squadron.trainer.listener;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sweeps over REST, carried out by the service itself over the demo model. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class SweepsIT {
    private static final String PLAN =
            """
            {"recipe": {"epochs": 2, "batch_size": 8}, "search": "grid", "space": {"optimizer.learning_rate": [1e-5, 1e-3]}}
            """;

    @ConfigProperty(name = "squadron.trainer.mlflow.tracking-uri")
    String mlflow;

    @BeforeEach
    void untilReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void aCancelledSweepMakesRoomForTheNextOneWhoseBestTrialIsACheckpoint() {
        ask("waiting", "never-sealed", PLAN).statusCode(202);
        await("waiting", "running");
        given().delete("/v1/sweeps/waiting").then().statusCode(202);
        await("waiting", "cancelled");
        given().delete("/v1/sweeps/waiting")
                .then()
                .statusCode(409)
                .body("detail", containsString("has cancelled and cannot be cancelled"));

        ask("rates", StackResource.DATASET, PLAN).statusCode(202);
        JsonPath sweep = await("rates", "succeeded");
        assertThat(sweep.getString("stage")).isEqualTo("done");
        assertThat(sweep.getList("trials.rank", Integer.class)).containsExactlyInAnyOrder(1, 2);
        assertThat(sweep.getInt("trials[" + sweep.getInt("best") + "].rank")).isOne();
        assertThat(sweep.getString("checkpoint.key")).contains(sweep.getString("checkpoint.id"));
        given().get("/v1/sweeps/rates")
                .then()
                .body("trials.state", everyItem(equalTo("succeeded")))
                .body("trials.curve", everyItem(hasSize(2)))
                .body("trials[%d].metrics".formatted(sweep.getInt("best")), hasKey("f1"));
        given().get("/v1/sweeps/rates/report")
                .then()
                .statusCode(200)
                .contentType("text/html;charset=UTF-8")
                .body(containsString("<h1>Sweep rates</h1>"))
                .body(containsString("aria-label=\"validation loss by optimizer.learning_rate\""));
        given().get("/v1/sweeps").then().body("sweep", containsInAnyOrder("waiting", "rates"));
        ask("rates", StackResource.DATASET, PLAN).statusCode(409);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> "FINISHED"
                .equals(logged("squadron.sweep", "rates").get("info.status")));
        assertThat(logged("squadron.run", "rates/0").getString("info.status")).isEqualTo("FINISHED");
        assertThat(logged("squadron.run", "rates/0")
                        .getString("data.tags.find { it.key == 'mlflow.parentRunId' }.value"))
                .isEqualTo(logged("squadron.sweep", "rates").getString("info.run_id"));
        assertThat(logged("squadron.sweep", "waiting").getString("info.status")).isEqualTo("KILLED");
        given().get("/q/metrics")
                .then()
                .body(containsString("squadron_sweeps_ended_total{model_name=\"squadlet\",state=\"cancelled\"} 1.0"))
                .body(containsString("squadron_sweeps_ended_total{model_name=\"squadlet\",state=\"succeeded\"} 1.0"))
                .body(containsString("squadron_num_sweeps_running{model_name=\"squadlet\"} 0.0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"space": {"epoch": [1]}}                                        | space.epoch cannot be tried
            {"space": {"epochs": [0]}}                                       | epochs is 0; it must be from 1 to 1000
            {}                                                               | space is missing
            {"space": {"epochs": [1], "average_last": [2]}}                  | average_last is 2 and there are 1 epochs
            """)
    void refusesABadPlanByItsKey(String plan, String words) {
        ask("bad", StackResource.DATASET, plan).statusCode(422).body("detail", containsString(words));
    }

    @Test
    void saysWhatIsMissingAndWhatIsNotThere() {
        given().contentType(ContentType.JSON)
                .body(Map.of("dataset", "handbook"))
                .post("/v1/sweeps")
                .then()
                .statusCode(422)
                .body("detail", containsString("say what to try"));
        for (String path : List.of("/v1/sweeps/nowhere", "/v1/sweeps/nowhere/report")) {
            given().get(path).then().statusCode(404).body("detail", containsString("no sweep nowhere"));
        }
    }

    private static ValidatableResponse ask(String sweep, String dataset, String plan) {
        return given().contentType(ContentType.JSON)
                .body("{\"sweep\": \"%s\", \"dataset\": \"%s\", \"plan\": %s}".formatted(sweep, dataset, plan))
                .post("/v1/sweeps")
                .then();
    }

    /** Returns what MLflow has under a tag. */
    private JsonPath logged(String tag, String value) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("filter", "tags.`" + tag + "` = '" + value + "'"))
                .post(mlflow + "/api/2.0/mlflow/runs/search")
                .jsonPath()
                .setRootPath("runs[0]");
    }

    private static JsonPath await(String sweep, String state) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> state.equals(given().get("/v1/sweeps/" + sweep).path("state")));
        return given().get("/v1/sweeps/" + sweep).jsonPath();
    }
}
