package dev.squadron.inference.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.prompt.ContextSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions: admission, then batches on lanes (threads) of their own, each batch with the head that is live when it
 * begins. Thread-safe.
 */
public final class Answering implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

    private final Language language;
    private final LiveHead live;
    private final WaitingRoom room;
    private final Duration deadline;
    private final ServingObserver observer;
    private final AtomicInteger running = new AtomicInteger();
    private final List<Thread> lanes = new ArrayList<>();

    /**
     * @param lanes batches computed at once
     * @param capacity questions that may wait
     * @param deadline time that an admitted question has until its answer
     */
    public Answering(
            Language language,
            LiveHead live,
            int lanes,
            int capacity,
            BatchLimits limits,
            Duration deadline,
            ServingObserver observer) {
        this.language = language;
        this.live = live;
        this.room = new WaitingRoom(capacity, limits);
        this.deadline = deadline;
        this.observer = observer;
        for (int i = 0; i < lanes; i++) {
            Thread lane = new Thread(this::serve, "answers-" + i);
            this.lanes.add(lane);
            lane.start();
        }
    }

    /**
     * Admits all questions or none.
     *
     * @return a future answer for each, in their order; it fails with a {@link java.util.concurrent.TimeoutException} at
     *     the deadline
     * @throws UnusableQuestion if one of them cannot be read by the model
     * @throws Overloaded if too many wait
     * @throws Draining after {@link #close()}
     */
    public List<CompletableFuture<Answer>> ask(List<Question> questions) throws UnusableQuestion {
        List<Ticket> tickets = new ArrayList<>();
        for (Question question : questions) {
            tickets.add(new Ticket(
                    question, encode(question, tickets.size()), System.nanoTime(), new CompletableFuture<>()));
        }
        room.admit(tickets);
        tickets.forEach(ticket -> ticket.answer().orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS));
        return tickets.stream().map(Ticket::answer).toList();
    }

    /** Returns how many questions wait for their batch. */
    public int waiting() {
        return room.size();
    }

    /** Returns how many questions are being answered. */
    public int running() {
        return running.get();
    }

    /** Admits no more questions, answers those that wait, and returns when the last is answered or the deadline over. */
    @Override
    public void close() {
        room.close();
        long end = System.nanoTime() + deadline.toNanos();
        try {
            for (Thread lane : lanes) {
                lane.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Prompt encode(Question question, int index) throws UnusableQuestion {
        try {
            return language.encode(question);
        } catch (InvalidMessage e) {
            throw new UnusableQuestion(index, e);
        }
    }

    private void serve() {
        try {
            for (List<Ticket> batch = room.nextBatch(); !batch.isEmpty(); batch = room.nextBatch()) {
                running.addAndGet(batch.size());
                try {
                    answer(batch);
                } finally {
                    running.addAndGet(-batch.size());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(List<Ticket> batch) {
        long begun = System.nanoTime();
        try (LiveHead.Pin pin = live.pin()) {
            List<List<Output>> outputs = pin.head()
                    .reader()
                    .read(
                            batch.stream().map(Ticket::prompt).toList(),
                            batch.get(0).decoding());
            Duration generated = Duration.ofNanos(System.nanoTime() - begun);
            for (int i = 0; i < batch.size(); i++) {
                complete(batch.get(i), outputs.get(i), pin.head().checkpointId(), begun, generated);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("A batch of {} questions failed", batch.size(), e);
            observer.failed(batch.size());
            batch.forEach(ticket -> ticket.answer().completeExceptionally(e));
        }
    }

    private void complete(Ticket ticket, List<Output> outputs, String checkpoint, long begun, Duration generated) {
        Answer answer = new Answer(
                outputs.stream().map(output -> choice(ticket, output)).toList(),
                ticket.decoding().mode(),
                checkpoint,
                ticket.prompt().truncated(),
                Duration.ofNanos(begun - ticket.admittedNanos()),
                generated);
        if (ticket.answer().complete(answer)) {
            observer.answered(answer, Duration.ofNanos(System.nanoTime() - ticket.admittedNanos()));
        }
    }

    private Answer.Choice choice(Ticket ticket, Output output) {
        Generated generated = output.generated();
        boolean free = ticket.decoding().mode() == Decoding.Mode.FREE;
        String text = free ? language.decode(generated.ids()) : "";
        Optional<ContextSpan> span =
                free ? Passage.find(text, ticket.question().context()).or(output::span) : output.span();
        return new Answer.Choice(
                span.map(ContextSpan::text).orElse(text),
                Math.min(1, generated.probability()),
                span,
                generated.finished() ? Answer.Finish.STOP : Answer.Finish.LENGTH,
                generated.ids().length,
                generated.steps());
    }
}
