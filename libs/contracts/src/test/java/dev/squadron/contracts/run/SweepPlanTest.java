package dev.squadron.contracts.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepPlanTest {
    @Test
    void drawsFromListsAndRanges() throws InvalidMessage {
        SweepPlan plan = read(
                """
                recipe: {preset: fast, epochs: 9}
                search: asha
                space:
                  optimizer.learning_rate: {min: 1e-5, max: 1e-1, scale: log}
                  optimizer.weight_decay: {min: 0, max: 1}
                  batch_size: {min: 8, max: 17}
                  schedule.type: [constant, cosine]
                """);

        assertThat(plan.recipe().batchSize()).isEqualTo(64);
        assertThat(plan.recipe().epochs()).isEqualTo(9);
        assertThat(plan.value("optimizer.learning_rate", 0.5).doubleValue()).isCloseTo(1e-3, Offset.offset(1e-12));
        assertThat(plan.value("optimizer.weight_decay", 0.25).doubleValue()).isEqualTo(0.25);
        assertThat(plan.value("batch_size", 0.5).isIntegralNumber()).isTrue();
        assertThat(plan.value("batch_size", 0.5).intValue()).isEqualTo(13);
        assertThat(plan.value("schedule.type", 0.49).textValue()).isEqualTo("constant");
        assertThat(plan.value("schedule.type", 0.51).textValue()).isEqualTo("cosine");
        assertThat(ContractJson.read(ContractJson.write(plan), SweepPlan.class)).isEqualTo(plan);
    }

    @Test
    void aGridHasAsManyTrialsAsCombinations() throws InvalidMessage {
        assertThat(read("{search: grid, space: {batch_size: [8, 16], epochs: [1, 2, 3]}}")
                        .trials())
                .isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                                                       | sweep.yaml: space is missing; name a key and what to try
            {space: {}}                                              | line 1, column 2: space is missing
            {spaces: {}}                                             | spaces is unknown; did you mean space?
            {recipe: fsat, space: {epochs: [1]}}                     | line 1, column 2: recipe.preset is “fsat”
            {recipe: {epoch: 1}, space: {epochs: [1]}}               | line 1, column 11: recipe.epoch is unknown; did you mean epochs?
            {recipe: {epochs: 0}, space: {epochs: [1]}}              | line 1, column 11: recipe.epochs is 0
            {space: {epoch: [1]}}                                    | space.epoch cannot be tried: The recipe cannot be used: epoch is unknown; did you mean epochs?
            {space: {epochs: [1, 0]}}                                | line 1, column 10: space.epochs cannot be tried: The recipe cannot be used: epochs is 0
            {space: {optimizer.learning_rate: {min: 1, max: 20}}}    | optimizer.learning_rate is 20.0; it must be above 0, at most 10.
            {space: {optimizer.momentum: [0.5]}}                     | adam has none
            {space: {epochs: []}}                                    | space.epochs is an empty list
            {space: {epochs: {min: 1}}}                              | space.epochs has no min or no max
            {space: {epochs: {min: 3, max: 1}}}                      | space.epochs.max is 1.0; it must be above min, 3.0.
            {space: {dropout: {min: 0, max: 1, scale: log}}}         | space.dropout.min is 0.0; it must be above 0 where scale is log.
            {space: {epochs: {min: 1, max: 2, step: 1}}}             | space.epochs.step is unknown
            {space: {epochs: 3}}                                     | space.epochs is 3; it must be a list.
            {search: grid, space: {epochs: {min: 1, max: 2}}}        | space.epochs is a range, and a grid needs lists
            {search: grid, trials: 3, space: {epochs: [1, 2]}}       | trials is 3 and the grid has 2 combinations; leave trials out.
            {search: asha, recipe: {steps: 9}, space: {seed: [1]}}   | search is asha, which ends trials after 1 epochs or more
            {search: asha, recipe: {epochs: 1}, space: {seed: [1]}}  | search is asha
            {search: asha, recipe: {epochs: 9}, space: {epochs: [3]}} | space.epochs is tried and search is asha
            {trials: 0, space: {seed: [1]}}                          | trials is 0; it must be from 1 to 1000.
            {metric: loss, space: {seed: [1]}}                       | metric is “loss”; it must be one of validation_loss, exact, f1.
            {budget: {reduction: 1}, space: {seed: [1]}}             | budget.reduction is 1; it must be from 2 to 100.
            """)
    void saysWhatIsWrong(String yaml, String text) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(InvalidMessage.class).hasMessageContaining(text);
    }

    @Test
    void theGateForgivesASmallDrop() {
        assertThat(new Gate(null, null).admits(51.5, 52)).isTrue();
        assertThat(new Gate(null, null).admits(51.4, 52)).isFalse();
        assertThat(new Gate(Metric.VALIDATION_LOSS, 0.01).admits(1.25, 1.2)).isFalse();
        assertThat(new Gate(Metric.VALIDATION_LOSS, 0.1).admits(1.25, 1.2)).isTrue();
    }

    private static SweepPlan read(String yaml) throws InvalidMessage {
        return SweepPlan.read(yaml.getBytes(UTF_8), "sweep.yaml");
    }
}
