package dev.squadron.trainer.domain.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is a run to MLflow: a run, a sweep, or a trial of one.
 *
 * @param tag the tag by whose value it is found again
 * @param name that value, and what people call it
 * @param parent the run that it is shown under; null for one that stands alone
 * @param start when it began
 * @param tags besides {@code tag}
 * @param parameters what it was asked to do, by dotted keys
 */
record MlflowRun(
        String tag,
        String name,
        MlflowRun parent,
        Instant start,
        Map<String, String> tags,
        Map<String, String> parameters) {
    private static final String RUN = "squadron.run";
    private static final String SWEEP = "squadron.sweep";

    /** Returns a run, with its recipe as parameters. */
    static MlflowRun of(RunEvent run) {
        return new MlflowRun(RUN, run.run(), null, run.at(), source(run.dataset(), run.model()), flat(run.recipe()));
    }

    /** Returns a sweep, with its plan as parameters. */
    static MlflowRun of(SweepEvent sweep) {
        return new MlflowRun(
                SWEEP, sweep.sweep(), null, sweep.at(), source(sweep.dataset(), sweep.model()), flat(sweep.plan()));
    }

    /** Returns a trial of this sweep. */
    MlflowRun trial(String run, Recipe recipe, Instant began) {
        return new MlflowRun(RUN, run, this, began, tags, flat(recipe));
    }

    /** Returns what finds it at the server, and nothing else. */
    String filter() {
        return "tags.`" + tag + "` = '" + name + "'";
    }

    private static Map<String, String> source(String dataset, String model) {
        return Map.of("squadron.dataset", dataset, "squadron.model", model);
    }

    private static Map<String, String> flat(Object asked) {
        Map<String, String> flat = new TreeMap<>();
        flatten("", ContractJson.mapper().valueToTree(asked), flat);
        return flat;
    }

    private static void flatten(String key, JsonNode value, Map<String, String> into) {
        if (value.isObject()) {
            value.properties()
                    .forEach(each ->
                            flatten(key.isEmpty() ? each.getKey() : key + "." + each.getKey(), each.getValue(), into));
        } else {
            into.put(key, value.isTextual() ? value.asText() : value.toString());
        }
    }
}
