package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.inference.domain.EventFeed.Event;
import dev.squadron.inference.domain.EventFeed.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventFeedTest {
    private final EventFeed feed = new EventFeed();
    private final List<Object> heard = new ArrayList<>();

    @Test
    void tellsANewcomerThePastAndThenThePresent() {
        feed.add(Kind.DATASET, "squad", "ingesting");
        feed.add(Kind.PROGRESS, "run", "step 1");
        feed.add(Kind.DATASET, "squad", "sealed");
        feed.add(Kind.PROGRESS, "run", "step 2");

        EventFeed.Subscription subscription = feed.follow(this::hear);
        feed.add(Kind.CHECKPOINT, "model", "promoted");
        subscription.close();
        feed.add(Kind.CHECKPOINT, "model", "rolled back");

        assertThat(heard).containsExactly("step 1", "sealed", "step 2", "promoted");
    }

    @Test
    void keepsTheLastEventsOnly() {
        for (int step = 0; step < 3_000; step++) {
            feed.add(Kind.PROGRESS, "run", step);
        }

        feed.follow(this::hear);

        assertThat(heard).hasSize(2_000).startsWith(1_000).endsWith(2_999);
    }

    private void hear(Event event) {
        heard.add(event.message());
    }
}
