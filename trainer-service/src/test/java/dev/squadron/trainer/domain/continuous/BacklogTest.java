package dev.squadron.trainer.domain.continuous;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** New examples are due when there are enough of them, or when the first one has waited long enough. */
class BacklogTest {
    private static final Instant START = Instant.parse("2026-11-27T12:00:00Z");

    private final Backlog backlog = new Backlog(3, Duration.ofSeconds(10));

    @Test
    void nothingIsDueWhileThereAreFewAndTheyAreYoung() {
        backlog.add(0, 5, List.of("a", "b"), START);

        assertThat(backlog.due(START.plusMillis(9_999))).isEmpty();
    }

    @Test
    void theFirstOneWaitsForOthersNoLongerThanItShould() {
        backlog.add(0, 5, List.of("a"), START);
        backlog.add(2, 7, List.of("b"), START.plusSeconds(9));

        assertThat(backlog.due(START.plusSeconds(10)))
                .containsExactly(new PartitionRange(0, 5, 6, 1), new PartitionRange(2, 7, 8, 1));
    }

    @Test
    void enoughOfThemAreDueAtOnceAndThoseThatComeLaterWaitAnew() {
        backlog.add(1, 5, List.of("a", "b"), START);
        backlog.add(1, 9, List.of("c"), START);

        assertThat(backlog.due(START)).containsExactly(new PartitionRange(1, 5, 10, 3));

        backlog.add(1, 11, List.of("d"), START);
        backlog.settle(Map.of(1, 10L), List.of());
        assertThat(backlog.due(START)).isEmpty();
        assertThat(backlog.due(START.plusSeconds(10))).containsExactly(new PartitionRange(1, 11, 12, 1));
    }

    @Test
    void aRecordThatComesAgainCountsOnce() {
        backlog.add(0, 5, List.of("a"), START);
        backlog.add(0, 6, List.of("a"), START);
        backlog.add(0, 7, List.of("a", "b"), START);

        assertThat(backlog.due(START)).isEmpty();
    }

    @Test
    void whatCouldNotBeLearnedFromWaitsForOthersToCome() {
        backlog.add(0, 5, List.of("a"), START);
        backlog.settle(Map.of(), List.of(new PartitionRange(0, 5, 6, 1)));

        assertThat(backlog.due(START.plusSeconds(60))).isEmpty();

        backlog.add(0, 8, List.of("b"), START.plusSeconds(60));
        assertThat(backlog.due(START.plusSeconds(70))).containsExactly(new PartitionRange(0, 5, 9, 2));
    }
}
