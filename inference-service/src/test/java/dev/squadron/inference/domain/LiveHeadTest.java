package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.inference.domain.Heads.Diary;
import org.junit.jupiter.api.Test;

class LiveHeadTest {
    private final Diary first = new Diary();
    private final Diary second = new Diary();
    private final LiveHead live = new LiveHead(Heads.own(first));

    @Test
    void closesAnUnusedHeadAtOnce() {
        live.switchTo(Heads.own(second));

        assertThat(first.closed).hasValue(1);
        assertThat(second.closed).hasValue(0);
    }

    @Test
    void closesAHeadAfterItsLastBatch() {
        LiveHead.Pin one = live.pin();
        LiveHead.Pin two = live.pin();
        live.switchTo(Heads.own(second));

        try (LiveHead.Pin three = live.pin()) {
            assertThat(three.head().reader()).isSameAs(second);
            assertThat(one.head().reader()).isSameAs(first);
        }
        one.close();
        assertThat(first.closed).hasValue(0);
        two.close();
        assertThat(first.closed).hasValue(1);
        assertThat(second.closed).hasValue(0);
    }
}
