package dev.squadron.trainer.domain.continuous;

import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.trainer.domain.features.FeatureData;
import dev.squadron.trainer.domain.features.FeatureExample;
import dev.squadron.trainer.domain.learning.ShuffleBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses what a fold learns from: as many examples as its steps take, so that a fold is one epoch whatever has come. Each new one
 * comes {@value #VISITS} times where they are few, and less often where they are many: what comes more often than it needs is learned
 * at the cost of everything else. The rest is old, so that little is forgotten. A pure function of its arguments.
 */
public final class FoldExamples {
    /** How often each of a few new examples comes. */
    private static final int VISITS = 32;

    /** Places of new examples from which on each comes less often, but once. */
    private static final int MANY = 4_096;

    /** How often one comes that an earlier fold has taught. */
    private static final int REHEARSALS = 2;

    /** At most one in so many of the old ones is what earlier folds have taught. */
    private static final int TAUGHT = 3;

    private record Correction(String record, FeatureExample example, FeatureKey question, boolean isFresh) {}

    private FoldExamples() {}

    /** Returns how many places so many new examples need. */
    static long places(long news) {
        return Math.max(news, Math.min(news * VISITS, MANY));
    }

    /**
     * Returns the examples, as many as the recipe's steps take. A record that came again, or another one with the same question
     * about the same passage, takes the place of the one before it, and of the data set's own.
     *
     * @param recipe with a number of steps
     * @param replay least share of the old ones
     * @param fresh the new examples, at least one
     * @param learned what earlier folds have taught
     * @param dataset what the head was trained on before any fold
     */
    public static List<FeatureExample> choose(
            Recipe recipe, double replay, FeatureData fresh, FeatureData learned, FeatureData dataset) {
        Map<FeatureKey, Correction> corrections = corrections(learned, fresh);
        List<FeatureExample> news = examples(corrections, true);
        List<FeatureExample> taught = examples(corrections, false);
        List<FeatureExample> old = new ArrayList<>();
        for (int i = 0; i < dataset.train().size(); i++) {
            if (!corrections.containsKey(dataset.dataset().train().get(i).question())) {
                old.add(dataset.train().get(i));
            }
        }
        int places = Math.toIntExact(
                recipe.steps() * recipe.batchSize() * recipe.accumulation().steps());
        int newPlaces =
                old.isEmpty() ? places : (int) Math.min(places - Math.round(places * replay), places(news.size()));
        int oldPlaces = places - newPlaces;
        int taughtPlaces = Math.min(oldPlaces / TAUGHT, REHEARSALS * taught.size());
        List<FeatureExample> chosen = new ArrayList<>(places);
        chosen.addAll(draw(news, newPlaces, recipe.seed()));
        chosen.addAll(draw(taught, taughtPlaces, recipe.seed()));
        chosen.addAll(draw(old, oldPlaces - taughtPlaces, recipe.seed()));
        return chosen;
    }

    /** Returns the last example of each question, in the log's order; of a record that came again, only the last counts. */
    private static Map<FeatureKey, Correction> corrections(FeatureData learned, FeatureData fresh) {
        Map<String, Correction> records = new LinkedHashMap<>();
        add(records, learned, false);
        add(records, fresh, true);
        Map<FeatureKey, Correction> questions = new LinkedHashMap<>();
        records.values().forEach(correction -> questions.put(correction.question(), correction));
        return questions;
    }

    private static void add(Map<String, Correction> records, FeatureData data, boolean isFresh) {
        for (int i = 0; i < data.train().size(); i++) {
            String record = data.dataset().train().get(i).recordId();
            records.remove(record);
            records.put(
                    record,
                    new Correction(
                            record,
                            data.train().get(i),
                            data.dataset().train().get(i).question(),
                            isFresh));
        }
    }

    /** Returns the new ones or the others by their names, so that what came between them does not matter. */
    private static List<FeatureExample> examples(Map<FeatureKey, Correction> corrections, boolean isFresh) {
        return corrections.values().stream()
                .filter(correction -> correction.isFresh() == isFresh)
                .sorted(Comparator.comparing(Correction::record))
                .map(Correction::example)
                .toList();
    }

    /** Returns so many of {@code from}, in an order of the seed's; none comes again before all have come. */
    private static List<FeatureExample> draw(List<FeatureExample> from, int count, long seed) {
        List<FeatureExample> drawn = new ArrayList<>(count);
        for (int round = 1; drawn.size() < count; round++) {
            for (int place : ShuffleBuffer.order(from.size(), from.size(), seed, round)) {
                if (drawn.size() < count) {
                    drawn.add(from.get(place));
                }
            }
        }
        return drawn;
    }
}
