package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.InvalidMessage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A search for the best recipe: what is tried, and how it is compared.
 *
 * @param recipe what all trials share
 * @param search how values are chosen
 * @param space what is tried, by dotted key of the recipe, for instance {@code optimizer.learning_rate}
 * @param trials how many recipes are tried; of {@code grid} the number of combinations
 * @param seed of the choice of values; a trial's own seed is its recipe's
 * @param metric of the validation split that trials are ranked by
 * @param budget what the search may cost
 */
public record SweepPlan(
        Recipe recipe,
        Search search,
        Map<String, Range> space,
        Integer trials,
        Long seed,
        Metric metric,
        Budget budget) {
    private static final int MAX_TRIALS = 1000;

    /** How values are chosen. */
    public enum Search {
        /** Every combination of the listed values. */
        GRID,
        /** Each value on its own, evenly from its list or range (Bergstra and Bengio, 2012). */
        RANDOM,
        /** As random; after some epochs only the best trials go on (successive halving, by the numbers of {@link Budget}). */
        ASHA;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public SweepPlan {
        recipe = Objects.requireNonNullElseGet(recipe, Recipe::tutorial);
        search = Objects.requireNonNullElse(search, Search.RANDOM);
        refuse(
                space == null || space.isEmpty(),
                "space",
                "is missing; name a key and what to try for it, for instance"
                        + " optimizer.learning_rate: {min: 1e-5, max: 1e-2, scale: log}.");
        space = Collections.unmodifiableMap(new TreeMap<>(space));
        seed = Objects.requireNonNullElse(seed, 0L);
        metric = Objects.requireNonNullElse(metric, Metric.VALIDATION_LOSS);
        budget = Objects.requireNonNullElseGet(budget, () -> new Budget(null, null, null));
        if (search == Search.GRID) {
            long combinations = combinations(space);
            require(
                    combinations <= MAX_TRIALS,
                    "space",
                    "of " + combinations + " combinations",
                    "of " + MAX_TRIALS + " at most; list fewer values, or search: random");
            refuse(
                    trials != null && trials != combinations,
                    "trials",
                    "is " + trials + " and the grid has " + combinations + " combinations; leave trials out.");
            trials = (int) combinations;
        }
        trials = Objects.requireNonNullElse(trials, 10);
        require(trials >= 1 && trials <= MAX_TRIALS, "trials", trials, "from 1 to " + MAX_TRIALS);
        refuse(
                search == Search.ASHA && (recipe.epochs() == null || recipe.epochs() <= budget.minEpochs()),
                "search",
                "is asha, which ends trials after " + budget.minEpochs()
                        + " epochs or more; give the recipe epochs, and more than that.");
        for (String key : List.of("epochs", "steps")) {
            refuse(
                    search == Search.ASHA && space.containsKey(key),
                    "space." + key,
                    "is tried and search is asha, which ends trials by their epochs; leave it out, or search: random.");
        }
        check(recipe, space);
    }

    /**
     * Reads a plan from YAML or JSON; its recipe may be the name of a preset.
     *
     * @param utf8 at most 64 KiB
     * @param source what to call the text in errors, for instance its file
     * @throws InvalidMessage {@code not-utf8} or {@code bad-sweep}, naming line and column, the key, its value, what is
     *     allowed and the remedy
     */
    public static SweepPlan read(byte[] utf8, String source) throws InvalidMessage {
        return RecipeReader.read(utf8, source, SweepPlan.class);
    }

    /**
     * Reads a plan that is already parsed.
     *
     * @throws InvalidMessage {@code bad-sweep}, naming the key, its value, what is allowed and the remedy
     */
    public static SweepPlan of(JsonNode json) throws InvalidMessage {
        return RecipeReader.of(json, SweepPlan.class);
    }

    /**
     * Returns what a key gets.
     *
     * @param key one of {@link #space}
     * @param share from 0 to below 1: how far into its list or range
     */
    public JsonNode value(String key, double share) {
        return space.get(key).at(share, RecipeReader.isWhole(key));
    }

    private static long combinations(Map<String, Range> space) {
        long combinations = 1;
        for (Map.Entry<String, Range> each : space.entrySet()) {
            refuse(
                    each.getValue().values() == null,
                    "space." + each.getKey(),
                    "is a range, and a grid needs lists; list its values, or search: random.");
            combinations = Math.min(
                    Integer.MAX_VALUE, combinations * each.getValue().values().size());
        }
        return combinations;
    }

    /** Refuses a value that makes no recipe together with the first ones of the other keys. */
    private static void check(Recipe recipe, Map<String, Range> space) {
        Map<String, JsonNode> first = new LinkedHashMap<>();
        space.forEach((key, range) -> first.put(key, range.at(0, RecipeReader.isWhole(key))));
        space.forEach((key, range) -> {
            int count = range.values() == null ? 2 : range.values().size();
            for (int i = 0; i < count; i++) {
                double share = range.values() == null ? i : (i + 0.5) / count;
                Map<String, JsonNode> values = new LinkedHashMap<>(first);
                values.put(key, range.at(share, RecipeReader.isWhole(key)));
                try {
                    var unused = recipe.with(values);
                } catch (InvalidMessage e) {
                    throw new Fault("space." + key, "cannot be tried: " + e.getMessage());
                }
            }
        });
    }
}
