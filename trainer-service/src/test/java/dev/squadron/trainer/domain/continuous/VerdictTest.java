package dev.squadron.trainer.domain.continuous;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Metric;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The gate's rule, and what it says. */
class VerdictTest {
    private static final Gate GATE = new Gate(Metric.F1, 0.5);

    @Test
    void aSmallLossIsAllowedAndALargerOneIsNot() {
        assertThat(Verdict.of(GATE, metrics(49.5, 50, 50)).admitted()).isTrue();
        Verdict refused = Verdict.of(GATE, metrics(49.4, 50, 50));
        assertThat(refused.admitted()).isFalse();
        assertThat(refused.reason()).isEqualTo("f1 is 49.40 and was 50.00; the gate allows a loss of 0.5.");
    }

    @Test
    void smallLossesDoNotAddUp() {
        assertThat(Verdict.of(GATE, metrics(49.2, 49.6, 50)).admitted()).isFalse();
        assertThat(Verdict.of(GATE, metrics(50.6, 51, 50)).admitted()).isTrue();
        assertThat(Verdict.of(GATE, metrics(50.4, 51, 50)).admitted()).isFalse();
    }

    @Test
    void aLossIsBetterWhereItIsSmaller() {
        Gate gate = new Gate(Metric.VALIDATION_LOSS, 0.1);
        Map<String, Double> metrics =
                Map.of("validation_loss", 1.25, "baseline_validation_loss", 1.2, "anchor_validation_loss", 1.1);

        assertThat(Verdict.of(gate, metrics).reason()).contains("was 1.10");
        assertThat(Verdict.of(gate, metrics).admitted()).isFalse();
    }

    @Test
    void whatCannotBeMeasuredIsNotAdmitted() {
        Verdict verdict = Verdict.of(GATE, Map.of("train_loss", 1.0));

        assertThat(verdict.admitted()).isFalse();
        assertThat(verdict.reason()).contains("no validation split");
    }

    private static Map<String, Double> metrics(double f1, double before, double anchor) {
        return Map.of("f1", f1, "baseline_f1", before, "anchor_f1", anchor);
    }
}
