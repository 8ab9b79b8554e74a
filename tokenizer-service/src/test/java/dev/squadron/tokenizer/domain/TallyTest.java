package dev.squadron.tokenizer.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void goesOnFromItsMetadata() {
        Tally tally = Tally.of("");
        tally.tokenized("harbour");
        tally.rejected("harbour");
        tally.tokenized("lights");

        Tally next = Tally.of(tally.metadata());
        next.tokenized("harbour");

        assertThat(next.close("harbour")).hasValue(new Tally.Count(2, 1));
        assertThat(next.close("harbour")).isEmpty();
        assertThat(next.close("lights")).hasValue(new Tally.Count(1, 0));
    }

    @Test
    void staysWithinWhatABrokerKeepsAndForgetsTheIdlestFirst() {
        Tally tally = Tally.of(null);
        for (int i = 0; i < 1_000; i++) {
            tally.tokenized("dataset-of-a-stranger-" + i);
            tally.tokenized("harbour");
        }

        assertThat(tally.metadata()).hasSizeLessThanOrEqualTo(4_000);
        assertThat(tally.close("harbour")).hasValue(new Tally.Count(1_000, 0));
        assertThat(tally.close("dataset-of-a-stranger-0")).isEmpty();
    }
}
