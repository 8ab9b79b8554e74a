package dev.squadron.trainer.domain;

import static dev.squadron.trainer.domain.ToldRun.end;
import static dev.squadron.trainer.domain.ToldRun.event;
import static dev.squadron.trainer.domain.ToldRun.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunBookTest {
    private final RunBook book = new RunBook();
    private final List<Object> heard = new ArrayList<>();

    private final RunFollower follower = new RunFollower() {
        @Override
        public void onRun(RunEvent event) {
            heard.add(event.state());
        }

        @Override
        public void onProgress(Progress progress) {
            heard.add(progress);
        }

        @Override
        public void onEnd(RunView view) {
            heard.add("end, " + view.state().label());
        }
    };

    @Test
    void tellsWhatIsKnownAndThenWhatHappens() {
        book.on(event(State.REQUESTED));
        book.on(event(State.RUNNING));
        book.on(step(1, 0.5));

        Runnable leave = book.follow("told", follower);
        book.on(step(2, 0.25));
        leave.run();
        book.on(step(3, 0.125));

        assertThat(heard).containsExactly(State.RUNNING, step(1, 0.5), step(2, 0.25));
    }

    @Test
    void endsOnceBothTopicsHaveToldOfTheEnd() {
        book.on(event(State.RUNNING));
        Runnable unused = book.follow("told", follower);

        book.on(event(State.SUCCEEDED));
        book.on(step(1, 0.5));
        book.on(end(Stage.DONE, null));
        book.on(step(2, 0.5));

        assertThat(heard)
                .containsExactly(State.RUNNING, State.SUCCEEDED, step(1, 0.5), end(Stage.DONE, null), "end, succeeded");
    }

    @Test
    void endsAtOnceWhereARunFails() {
        book.on(event(State.RUNNING));
        Runnable unused = book.follow("told", follower);

        book.on(event(State.FAILED));

        assertThat(heard).containsExactly(State.RUNNING, State.FAILED, "end, failed");
    }

    @Test
    void tellsARunThatHasEndedToItsEnd() {
        book.on(event(State.RUNNING));
        book.on(step(1, 0.5));
        book.on(event(State.CANCELLED));

        Runnable unused = book.follow("told", follower);

        assertThat(heard).containsExactly(State.CANCELLED, step(1, 0.5), "end, cancelled");
    }
}
