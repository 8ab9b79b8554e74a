package dev.squadron.trainer.domain.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.contracts.run.Schedule;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void staysConstantAfterWarmUp() {
        LearningRate rate = new LearningRate(0.1, new Schedule(Schedule.Type.CONSTANT, 4, null), 20);

        assertThat(rate.at(0)).isZero();
        assertThat(rate.at(2)).isCloseTo(0.05, within(1e-12));
        assertThat(rate.at(4)).isEqualTo(0.1);
        assertThat(rate.at(19)).isEqualTo(0.1);
    }

    @Test
    void fallsInALineToZero() {
        LearningRate rate = new LearningRate(1, new Schedule(Schedule.Type.LINEAR, 5, null), 20);

        assertThat(rate.at(4)).isCloseTo(0.8, within(1e-12));
        assertThat(rate.at(5)).isEqualTo(1);
        assertThat(rate.at(19)).isCloseTo(1 / 15.0, within(1e-12));
    }

    @Test
    void fallsInHalfACosineToZero() {
        LearningRate rate = new LearningRate(1, new Schedule(Schedule.Type.COSINE, 4, null), 20);

        assertThat(rate.at(4)).isEqualTo(1);
        assertThat(rate.at(8)).isCloseTo((1 + Math.cos(Math.PI / 4)) / 2, within(1e-12));
        assertThat(rate.at(12)).isCloseTo(0.5, within(1e-12));
        assertThat(rate.at(20)).isZero();
    }

    @Test
    void warmsUpForAShareOfTheRun() {
        LearningRate rate = new LearningRate(1, new Schedule(Schedule.Type.CONSTANT, null, 0.21), 20);

        assertThat(rate.at(4)).isCloseTo(0.8, within(1e-12));
        assertThat(rate.at(5)).isEqualTo(1);
    }
}
