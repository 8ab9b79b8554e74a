package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.inference.domain.Answer.Finish;
import dev.squadron.inference.domain.Heads.Counts;
import dev.squadron.inference.domain.Heads.Diary;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.prompt.ContextSpan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnsweringTest {
    private final Diary diary = new Diary();
    private final Counts counts = new Counts();
    private final LiveHead live = new LiveHead(Heads.own(diary));
    private Answering answering;

    @AfterEach
    void stop() {
        diary.free();
        answering.close();
    }

    @Test
    void answersWithScoreAndSpan() throws Exception {
        start(8, new BatchLimits(4, 1000, 100), Duration.ofSeconds(10));
        diary.free();

        Answer answer = answering.ask(List.of(Heads.question(3))).get(0).get(5, TimeUnit.SECONDS);

        assertThat(answer.choices())
                .containsExactly(new Answer.Choice(
                        "113", answer.best().score(), Optional.of(new ContextSpan(15, 18, "113")), Finish.STOP, 2, 2));
        assertThat(answer.best().score()).isCloseTo(0.5, within(1e-6));
        assertThat(answer.mode()).isEqualTo(Mode.FREE);
        assertThat(answer.checkpoint()).isNull();
        assertThat(counts.answered).hasValue(1);
    }

    @Test
    void quotesWhatTheSearchFoundAndGivesAsManyAnswersAsAsked() throws Exception {
        start(8, new BatchLimits(4, 1000, 100), Duration.ofSeconds(10));
        diary.free();

        Question question = Heads.question(3, grounded(2));
        Answer answer = answering.ask(List.of(question)).get(0).get(5, TimeUnit.SECONDS);

        assertThat(answer.mode()).isEqualTo(Mode.GROUNDED);
        assertThat(answer.choices())
                .hasSize(2)
                .allSatisfy(choice -> assertThat(choice.text()).isEqualTo("passage"))
                .allSatisfy(choice -> assertThat(choice.span()).contains(new ContextSpan(2, 9, "passage")));
    }

    @Test
    void batchesOnlyWhatIsSearchedInTheSameWay() throws Exception {
        start(100, new BatchLimits(8, 1000, 100), Duration.ofSeconds(10));
        answering.ask(List.of(Heads.question(1)));
        assertThat(diary.begun.await(5, TimeUnit.SECONDS)).isTrue();

        List<CompletableFuture<Answer>> answers = answering.ask(List.of(
                Heads.question(2, grounded(1)),
                Heads.question(3),
                Heads.question(4, grounded(2)),
                Heads.question(5, grounded(1)),
                Heads.question(6)));
        diary.free();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);

        assertThat(diary.batches).containsExactly(List.of(1), List.of(2, 5), List.of(3, 6), List.of(4));
        assertThat(diary.decodings)
                .containsExactly(
                        Heads.question(1).decoding(),
                        grounded(1),
                        Heads.question(1).decoding(),
                        grounded(2));
    }

    @Test
    void boundsABatchByTheAnswersThatItFollows() throws Exception {
        start(100, new BatchLimits(8, 1000, 10), Duration.ofSeconds(10));
        answering.ask(List.of(Heads.question(1)));
        assertThat(diary.begun.await(5, TimeUnit.SECONDS)).isTrue();

        List<CompletableFuture<Answer>> answers = answering.ask(IntStream.rangeClosed(2, 4)
                .mapToObj(tokens -> Heads.question(tokens, grounded(1)))
                .toList());
        diary.free();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);

        assertThat(diary.batches).containsExactly(List.of(1), List.of(2, 3), List.of(4));
    }

    @Test
    void batchesTheOldestWithThoseNearestInLength() throws Exception {
        start(100, new BatchLimits(3, 1000, 100), Duration.ofSeconds(10));
        answering.ask(List.of(Heads.question(1)));
        assertThat(diary.begun.await(5, TimeUnit.SECONDS)).isTrue();

        List<CompletableFuture<Answer>> answers = answering.ask(
                IntStream.of(50, 10, 52, 11, 51).mapToObj(Heads::question).toList());
        diary.free();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);

        assertThat(diary.batches).containsExactly(List.of(1), List.of(50, 51, 52), List.of(10, 11));
    }

    @Test
    void boundsABatchByItsPaddedTokens() throws Exception {
        start(100, new BatchLimits(10, 100, 100), Duration.ofSeconds(10));
        answering.ask(List.of(Heads.question(1)));
        assertThat(diary.begun.await(5, TimeUnit.SECONDS)).isTrue();

        List<CompletableFuture<Answer>> answers = answering.ask(
                IntStream.of(50, 50, 50, 300).mapToObj(Heads::question).toList());
        diary.free();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);

        assertThat(diary.batches).containsExactly(List.of(1), List.of(50, 50), List.of(50), List.of(300));
    }

    @Test
    void refusesMoreThanMayWaitAndAdmitsAllOrNone() throws Exception {
        start(3, new BatchLimits(1, 1000, 100), Duration.ofSeconds(10));
        answering.ask(List.of(Heads.question(1)));
        assertThat(diary.begun.await(5, TimeUnit.SECONDS)).isTrue();
        answering.ask(List.of(Heads.question(1), Heads.question(2)));

        assertThatThrownBy(() -> answering.ask(List.of(Heads.question(3), Heads.question(4))))
                .isInstanceOf(Overloaded.class)
                .hasMessageContaining("2 questions wait already and 3 may");
        assertThat(answering.waiting()).isEqualTo(2);
        answering.ask(List.of(Heads.question(3)));
        assertThat(answering.waiting()).isEqualTo(3);
    }

    @Test
    void givesUpAtTheDeadlineAndSkipsWhatNobodyAwaits() throws Exception {
        start(100, new BatchLimits(1, 1000, 100), Duration.ofMillis(200));
        List<CompletableFuture<Answer>> answers =
                answering.ask(List.of(Heads.question(1), Heads.question(2), Heads.question(3)));

        assertThatThrownBy(() -> answers.get(2).get(5, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        diary.free();
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> answering.running() == 0 && answering.waiting() == 0);

        assertThat(diary.batches).containsExactly(List.of(1));
    }

    @Test
    void survivesABatchThatFails() throws Exception {
        start(100, new BatchLimits(1, 1000, 100), Duration.ofSeconds(10));
        diary.closed.set(1);
        diary.free();

        CompletableFuture<Answer> failing =
                answering.ask(List.of(Heads.question(1))).get(0);
        assertThatThrownBy(() -> failing.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        diary.closed.set(0);

        assertThat(answering
                        .ask(List.of(Heads.question(1)))
                        .get(0)
                        .get(5, TimeUnit.SECONDS)
                        .best()
                        .text())
                .isEqualTo("113");
        assertThat(counts.failed).hasValue(1);
    }

    @Test
    void answersWhatWasAdmittedBeforeItCloses() {
        start(100, new BatchLimits(1, 1000, 100), Duration.ofSeconds(10));
        diary.free();
        List<CompletableFuture<Answer>> answers = asked(5);

        answering.close();

        assertThat(answers).allSatisfy(answer -> assertThat(answer).isCompleted());
        assertThatThrownBy(() -> asked(1)).isInstanceOf(Draining.class);
    }

    private static Decoding grounded(int answers) {
        Decoding grounded = Decoding.of(Mode.GROUNDED, GenerationConfig.greedy(8));
        return new Decoding(
                grounded.mode(),
                grounded.rules().toBuilder().numReturnSequences(answers).build());
    }

    private List<CompletableFuture<Answer>> asked(int count) {
        try {
            return answering.ask(
                    IntStream.range(0, count).mapToObj(i -> Heads.question(1)).toList());
        } catch (UnusableQuestion e) {
            throw new AssertionError(e);
        }
    }

    private void start(int capacity, BatchLimits limits, Duration deadline) {
        answering = new Answering(Heads.LANGUAGE, live, 1, capacity, limits, deadline, counts);
    }
}
