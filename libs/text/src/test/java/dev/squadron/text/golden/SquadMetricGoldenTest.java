package dev.squadron.text.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squadron.text.metric.SquadMetric;
import dev.squadron.text.metric.SquadMetric.Score;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.text.metric.SquadScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Exact match and F1 are those of the official scripts. */
class SquadMetricGoldenTest {
    private static JsonNode reference;

    @BeforeAll
    static void read() throws IOException {
        reference = new ObjectMapper()
                .readTree(Path.of(System.getProperty("squadron.golden"), "squad_metric.json")
                        .toFile());
    }

    @Test
    void agreesOnEachPair() {
        assertThat(reference.get("pairs")).isNotEmpty().allSatisfy(pair -> {
            String prediction = pair.get("prediction").textValue();
            List<String> golds = texts(pair.get("golds"));

            assertThat(SquadMetric.normalize(prediction))
                    .isEqualTo(pair.get("normalized_prediction").textValue());
            agree(SquadMetric.score(prediction, golds, Version.V2), pair, "v2");
            if (pair.has("v1_exact")) {
                agree(SquadMetric.score(prediction, golds, Version.V1), pair, "v1");
            }
        });
    }

    @Test
    void agreesOnTheTotals() {
        SquadScores v1 = new SquadScores(Version.V1);
        SquadScores v2 = new SquadScores(Version.V2);
        for (JsonNode pair : reference.get("pairs")) {
            List<String> golds = texts(pair.get("golds"));
            v2.add(pair.get("prediction").textValue(), golds);
            if (pair.has("v1_exact")) {
                v1.add(pair.get("prediction").textValue(), golds);
            }
        }

        JsonNode totals = reference.get("totals");
        assertThat(v1.exact()).isCloseTo(totals.at("/v1/exact_match").doubleValue(), within(1e-9));
        assertThat(v1.f1()).isCloseTo(totals.at("/v1/f1").doubleValue(), within(1e-9));
        assertThat(v1.total()).isEqualTo(totals.at("/v1/total").intValue());
        totals.get("v2").properties().forEach(total -> assertThat(
                        v2.report().get(total.getKey()).doubleValue())
                .as(total.getKey())
                .isCloseTo(total.getValue().doubleValue(), within(1e-9)));
    }

    private static void agree(Score score, JsonNode pair, String version) {
        assertThat(score.exact()).isEqualTo(pair.get(version + "_exact").doubleValue());
        assertThat(score.f1()).isCloseTo(pair.get(version + "_f1").doubleValue(), within(1e-12));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.textValue()));
        return texts;
    }
}
