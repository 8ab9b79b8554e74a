package dev.squadron.inference;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.store.ObjectStore;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** Reports of runs over REST, from a real S3 server. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class RunReportsIT {
    @Inject
    ObjectStore store;

    @Test
    void showsTheReportThatATrainerHasWritten() {
        new RunReportStore(store).keep("handbook-1", "<p>“fine”</p>".getBytes(UTF_8));

        given().get("/v1/runs/handbook-1/report")
                .then()
                .statusCode(200)
                .contentType("text/html;charset=UTF-8")
                .body(equalTo("<p>“fine”</p>"));
    }

    @Test
    void saysThatThereIsNone() {
        given().get("/v1/runs/handbook-2/report").then().statusCode(404).body("detail", containsString("handbook-2"));
        given().get("/v1/runs/..%2fstate/report").then().statusCode(404);
    }
}
