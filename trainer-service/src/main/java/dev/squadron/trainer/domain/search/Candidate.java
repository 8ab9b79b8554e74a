package dev.squadron.trainer.domain.search;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Range;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.contracts.run.SweepPlan.Search;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A recipe that a sweep tries.
 *
 * @param number its trial, from 0
 * @param values what it tries, by dotted key
 * @param recipe the plan's with these values
 */
public record Candidate(int number, Map<String, JsonNode> values, Recipe recipe) {
    /** Draws of values that have been tried already, after which a space counts as exhausted. */
    private static final int PATIENCE = 1000;

    /**
     * Returns what a plan tries: a pure function of it, in which no values come twice. A space that has fewer combinations than the
     * plan has trials gives fewer.
     *
     * @throws InvalidMessage {@code bad-sweep} where some values together make no recipe
     */
    public static List<Candidate> of(SweepPlan plan) throws InvalidMessage {
        Set<Map<String, JsonNode>> all = plan.search() == Search.GRID ? grid(plan) : random(plan);
        List<Candidate> candidates = new ArrayList<>();
        for (Map<String, JsonNode> values : all) {
            try {
                candidates.add(
                        new Candidate(candidates.size(), values, plan.recipe().with(values)));
            } catch (InvalidMessage e) {
                throw new InvalidMessage(
                        "bad-sweep",
                        "The sweep cannot be used: space gives " + values + " together. " + e.getMessage());
            }
        }
        return candidates;
    }

    /** Returns every combination of the listed values; those of the last key change first. */
    private static Set<Map<String, JsonNode>> grid(SweepPlan plan) {
        Set<Map<String, JsonNode>> combinations = Set.of(Map.of());
        for (Map.Entry<String, Range> each : plan.space().entrySet()) {
            Set<Map<String, JsonNode>> longer = new LinkedHashSet<>();
            for (Map<String, JsonNode> begun : combinations) {
                for (JsonNode value : each.getValue().values()) {
                    Map<String, JsonNode> values = new TreeMap<>(begun);
                    values.put(each.getKey(), value);
                    longer.add(values);
                }
            }
            combinations = longer;
        }
        return combinations;
    }

    /** Draws each value on its own. */
    private static Set<Map<String, JsonNode>> random(SweepPlan plan) {
        SplittableRandom random = new SplittableRandom(plan.seed());
        Set<Map<String, JsonNode>> drawn = new LinkedHashSet<>();
        for (int idle = 0; drawn.size() < plan.trials() && idle < PATIENCE; ) {
            Map<String, JsonNode> values = new TreeMap<>();
            plan.space().keySet().forEach(key -> values.put(key, plan.value(key, random.nextDouble())));
            idle = drawn.add(values) ? 0 : idle + 1;
        }
        return drawn;
    }
}
