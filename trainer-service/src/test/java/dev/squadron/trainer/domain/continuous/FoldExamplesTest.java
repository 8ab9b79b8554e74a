package dev.squadron.trainer.domain.continuous;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import dev.squadron.trainer.domain.features.FeatureData;
import dev.squadron.trainer.domain.features.FeatureExample;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a fold learns from: new examples by their share, old ones beside them, the last word on each question. */
class FoldExamplesTest {
    private static final FeatureData NOTHING = data();

    /** An example is known by its label. */
    private record Given(String record, int question, int label) {}

    @Test
    void newOnesHaveTheirShareAndOldOnesComeOnceBeforeAnyComesAgain() throws Exception {
        List<Integer> labels = choose(recipe(4, 5, 0), 0.75, data(given("a", 1)), NOTHING, old(12));

        assertThat(labels).hasSize(20);
        assertThat(labels.stream().filter(label -> label == 1)).hasSize(5);
        assertThat(new HashSet<>(labels.subList(5, 17))).hasSize(12);
    }

    @Test
    void aNewOneComesNoMoreOftenThoughThereIsRoom() throws Exception {
        List<Integer> labels = choose(recipe(40, 16, 0), 0.75, data(given("a", 1)), NOTHING, old(12));

        assertThat(labels).hasSize(640);
        assertThat(labels.stream().filter(label -> label == 1)).hasSize(32);
    }

    @Test
    void whatEarlierFoldsTaughtIsRehearsedButLessThanTheDataSet() throws Exception {
        FeatureData learned = data(given("b", 2), given("c", 3));

        List<Integer> labels = choose(recipe(4, 5, 0), 0.75, data(given("a", 1)), learned, old(50));

        assertThat(labels.stream().filter(label -> label == 2 || label == 3)).hasSize(4);
        assertThat(labels.stream().filter(label -> label >= 100)).hasSize(11);
    }

    @Test
    void theLastWordOnARecordAndOnAQuestionCounts() throws Exception {
        FeatureData learned = data(new Given("a", 7, 1), new Given("b", 8, 2));
        FeatureData fresh = data(new Given("a", 7, 3), new Given("a", 7, 4), new Given("c", 8, 5));
        FeatureData dataset = data(new Given("old", 7, 100), new Given("other", 9, 101));

        List<Integer> labels = choose(recipe(10, 4, 0), 0.5, fresh, learned, dataset);

        assertThat(new HashSet<>(labels)).containsExactlyInAnyOrder(4, 5, 101);
    }

    @Test
    void aRecordThatComesAgainChangesNothing() throws Exception {
        FeatureData once = data(given("a", 1), given("b", 2));
        FeatureData again = data(given("a", 1), given("b", 2), given("a", 1));

        assertThat(choose(recipe(8, 4, 0), 0.5, again, NOTHING, old(20)))
                .isEqualTo(choose(recipe(8, 4, 0), 0.5, once, NOTHING, old(20)));
    }

    @Test
    void eachSeedDrawsOtherOldOnes() throws Exception {
        FeatureData fresh = data(given("a", 1));

        assertThat(choose(recipe(2, 4, 1), 0.5, fresh, NOTHING, old(1_000)))
                .isNotEqualTo(choose(recipe(2, 4, 2), 0.5, fresh, NOTHING, old(1_000)));
    }

    @Test
    void withoutOldOnesAllAreNew() throws Exception {
        assertThat(choose(recipe(2, 4, 0), 0.75, data(given("a", 1)), NOTHING, NOTHING))
                .containsOnly(1)
                .hasSize(8);
    }

    private static List<Integer> choose(
            Recipe recipe, double replay, FeatureData fresh, FeatureData learned, FeatureData dataset) {
        return FoldExamples.choose(recipe, replay, fresh, learned, dataset).stream()
                .map(example -> example.labels()[0])
                .toList();
    }

    private static Recipe recipe(int steps, int batch, long seed) throws Exception {
        return Recipe.preset("continuous").with(Map.of("steps", steps, "batch_size", batch, "seed", seed));
    }

    private static Given given(String record, int label) {
        return new Given(record, label, label);
    }

    private static FeatureData old(int count) {
        Given[] all = new Given[count];
        for (int i = 0; i < count; i++) {
            all[i] = given("old-" + i, 100 + i);
        }
        return data(all);
    }

    private static FeatureData data(Given... given) {
        List<DatasetExample> examples = new ArrayList<>();
        List<FeatureExample> features = new ArrayList<>();
        for (Given each : given) {
            int[] input = {each.question()};
            int[] label = {each.label()};
            examples.add(new DatasetExample(
                    each.record(),
                    0,
                    examples.size(),
                    FeatureKey.of(input, label),
                    FeatureKey.of(input, new int[0]),
                    input,
                    label,
                    List.of()));
            features.add(new FeatureExample(FloatBuffer.allocate(1), 0, label));
        }
        return new FeatureData(new Dataset("d", examples, List.of(), List.of()), features, List.of());
    }
}
