package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.inference.domain.Heads.Counts;
import dev.squadron.inference.domain.Heads.Diary;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadSwapTest {
    private static final CheckpointRef A = Heads.ref("aaaa");
    private static final CheckpointRef B = Heads.ref("bbbb");

    private final Diary own = new Diary();
    private final LiveHead live = new LiveHead(Heads.own(own));
    private final Counts counts = new Counts();
    private final List<ModelState> told = new CopyOnWriteArrayList<>();
    private final List<String> loaded = new CopyOnWriteArrayList<>();
    private final Map<String, Exception> faults = new ConcurrentHashMap<>();
    private final HeadSwap swap = new HeadSwap(Heads.MODEL, live, this::load, counts, told::add, Clock.systemUTC());

    @AfterEach
    void stop() {
        swap.close();
    }

    @Test
    void waitsForTheTopicsEndAndLoadsOnlyWhatCameLast() throws Exception {
        swap.on(Heads.promoted(A, null));
        swap.on(Heads.promoted(B, A));
        assertThat(swap.settled()).isNotDone();

        swap.caughtUp();
        swap.settled().get(5, TimeUnit.SECONDS);

        assertThat(loaded).containsExactly("bbbb");
        assertThat(live.current().checkpoint()).contains(B);
        assertThat(own.closed).hasValue(1);
        assertThat(told).last().isEqualTo(swap.state());
        assertThat(swap.state().previous()).isEqualTo("aaaa");
        assertThat(swap.state().metrics()).containsEntry("f1", 50.0);
    }

    @Test
    void settlesAtOnceOnAnEmptyTopic() throws Exception {
        swap.caughtUp();
        swap.settled().get(5, TimeUnit.SECONDS);

        assertThat(swap.state().checkpoint()).isNull();
        assertThatThrownBy(swap::rollback).isInstanceOf(NothingToRollBack.class);
    }

    @Test
    void passesOverOtherModels() throws Exception {
        CheckpointEvent event = Heads.promoted(A, null);
        swap.on(new CheckpointEvent(event.type(), "other/model", A, A, null, null, null, event.at()));
        swap.caughtUp();
        swap.settled().get(5, TimeUnit.SECONDS);

        assertThat(loaded).isEmpty();
    }

    @Test
    void keepsTheGoodHeadWhereTheNextIsBad() throws Exception {
        faults.put("bbbb", new HeadRefused("Its bytes are corrupt; restore them."));
        swap.caughtUp();
        swap.on(Heads.promoted(A, null));
        await().until(() -> live.current().checkpoint().isPresent());

        swap.on(Heads.promoted(B, A));
        await().until(() -> counts.refused.get() == 1);
        await().until(() -> !swap.state().refused().isEmpty());

        ModelState state = swap.state();
        assertThat(state.checkpoint()).isEqualTo("aaaa");
        assertThat(state.pending()).isEqualTo("bbbb");
        assertThat(state.refused().get(0).checkpoint()).isEqualTo("bbbb");
        assertThat(state.refused().get(0).reason()).contains("corrupt");
    }

    @Test
    void beginsWithThePreviousHeadWhereTheLiveOneIsBad() throws Exception {
        faults.put("bbbb", new HeadRefused("Its bytes are corrupt; restore them."));
        swap.on(Heads.promoted(B, A));
        swap.caughtUp();
        swap.settled().get(5, TimeUnit.SECONDS);

        assertThat(swap.state().checkpoint()).isEqualTo("aaaa");
    }

    @Test
    void asksAStoreThatDoesNotAnswerAgain() {
        faults.put("aaaa", new IOException("no route to the bucket"));
        swap.caughtUp();
        swap.on(Heads.promoted(A, null));
        await().until(() -> !loaded.isEmpty());
        assertThat(swap.state().checkpoint()).isNull();

        faults.clear();
        await().until(() -> "aaaa".equals(swap.state().checkpoint()));
        assertThat(counts.refused).hasValue(0);
    }

    @Test
    void doesNotInsistOnACheckpointThatWasOvertaken() {
        faults.put("aaaa", new IOException("no route to the bucket"));
        swap.caughtUp();
        swap.on(Heads.promoted(A, null));
        await().until(() -> !loaded.isEmpty());

        swap.on(Heads.promoted(B, A));

        await().until(() -> "bbbb".equals(swap.state().checkpoint()));
    }

    @Test
    void rollsBackToThePreviousHeadAndForth() {
        swap.caughtUp();
        swap.on(Heads.promoted(B, A));
        await().until(() -> "bbbb".equals(swap.state().checkpoint()));

        CheckpointEvent back = swap.rollback();
        assertThat(back.type()).isEqualTo(CheckpointEvent.Type.ROLLED_BACK);
        assertThat(back.checkpoint()).isEqualTo(B);
        assertThat(back.live()).isEqualTo(A);
        assertThat(back.previous()).isEqualTo(B);
        swap.on(back);
        await().until(() -> "aaaa".equals(swap.state().checkpoint()));

        assertThat(swap.rollback().live()).isEqualTo(B);
    }

    @Test
    void goesBackToTheModelsOwnHead() {
        swap.caughtUp();
        swap.on(Heads.promoted(A, null));
        await().until(() -> "aaaa".equals(swap.state().checkpoint()));

        swap.on(swap.rollback());

        await().until(() -> swap.state().checkpoint() == null);
        assertThat(counts.swapped).hasValue(2);
        assertThat(swap.state().since()).isBeforeOrEqualTo(Instant.now());
    }

    private ServedHead load(Optional<CheckpointRef> checkpoint) throws HeadRefused, IOException {
        String id = checkpoint.map(CheckpointRef::id).orElse("own");
        loaded.add(id);
        Exception fault = faults.get(id);
        if (fault instanceof HeadRefused refused) {
            throw refused;
        }
        if (fault instanceof IOException unreachable) {
            throw unreachable;
        }
        return new ServedHead(checkpoint, new Diary());
    }
}
