package dev.squadron.trainer.domain.search;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.SweepPlan;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CandidateTest {
    @Test
    void aGridTriesEveryCombinationOnce() throws InvalidMessage {
        var candidates =
                Candidate.of(plan("{search: grid, space: {batch_size: [4, 8], epochs: [1, 2, 3], seed: [7]}}"));

        assertThat(candidates).extracting(Candidate::number).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(candidates)
                .extracting(
                        each -> each.recipe().batchSize() + "×" + each.recipe().epochs())
                .containsExactly("4×1", "4×2", "4×3", "8×1", "8×2", "8×3");
    }

    @Property(tries = 50)
    void drawsAsManyDifferentRecipesAsAskedForAndTheSameAgain(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int trials) throws InvalidMessage {
        SweepPlan plan =
                plan("{seed: %d, trials: %d, space: {optimizer.learning_rate: {min: 1e-5, max: 1e-2, scale: log}}}"
                        .formatted(seed, trials));
        var candidates = Candidate.of(plan);

        assertThat(candidates).extracting(Candidate::values).doesNotHaveDuplicates();
        assertThat(candidates)
                .extracting(Candidate::number)
                .containsExactlyElementsOf(IntStream.range(0, trials).boxed().toList());
        assertThat(candidates)
                .allSatisfy(each ->
                        assertThat(each.recipe().optimizer().learningRate()).isBetween(1e-5, 1e-2));
        assertThat(Candidate.of(plan)).isEqualTo(candidates);
    }

    @Test
    void moreTrialsBeginWithTheSameOnes() throws InvalidMessage {
        String space = "space: {label_smoothing: {min: 0, max: 0.5}, batch_size: {min: 1, max: 64}}";

        assertThat(Candidate.of(plan("{trials: 9, " + space + "}")))
                .startsWith(Candidate.of(plan("{trials: 4, " + space + "}")).toArray(Candidate[]::new));
    }

    @Test
    void aSmallSpaceHasFewerTrials() throws InvalidMessage {
        assertThat(Candidate.of(plan("{trials: 20, space: {batch_size: [4, 8], epochs: {min: 1, max: 3}}}")))
                .hasSize(6);
    }

    @Test
    void refusesValuesThatMakeNoRecipeTogether() throws InvalidMessage {
        SweepPlan plan = plan("{search: grid, space: {epochs: [4, 1], average_last: [1, 3]}}");

        assertThatThrownBy(() -> Candidate.of(plan))
                .isInstanceOf(InvalidMessage.class)
                .hasMessageContaining("{average_last=3, epochs=1}")
                .hasMessageContaining("average_last is 3 and there are 1 epochs");
    }

    static SweepPlan plan(String yaml) throws InvalidMessage {
        return SweepPlan.read(yaml.getBytes(UTF_8), "sweep.yaml");
    }
}
