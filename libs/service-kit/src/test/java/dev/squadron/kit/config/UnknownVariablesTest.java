package dev.squadron.kit.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnknownVariablesTest {
    private static final List<String> SETTINGS = List.of("SQUADRON_TRAINER_BATCH_TOKENS", "SQUADRON_STORE_BUCKET");

    @Test
    void namesTheMisspeltVariableAndTheNearestSetting() {
        assertThat(UnknownVariables.problems(List.of("PATH", "SQUADRON_TRAINER_BATCHTOKENS"), SETTINGS))
                .containsExactly("The environment variable SQUADRON_TRAINER_BATCHTOKENS is no setting of Squadron;"
                        + " did you mean SQUADRON_TRAINER_BATCH_TOKENS?");
    }

    @Test
    void leavesKnownSettingsAndThoseOfOtherServicesAlone() {
        assertThat(UnknownVariables.problems(
                        List.of("SQUADRON_STORE_BUCKET", "SQUADRON_INGEST_DIRECTORIES", "SQUADRON_HOME"), SETTINGS))
                .isEmpty();
    }

    @Test
    void refusesAGroupThatNoServiceHas() {
        assertThat(UnknownVariables.problems(List.of("SQUADRON_TRAINR_BATCH_TOKENS"), SETTINGS))
                .singleElement()
                .asString()
                .contains("SQUADRON_TRAINER_BATCH_TOKENS");
    }
}
