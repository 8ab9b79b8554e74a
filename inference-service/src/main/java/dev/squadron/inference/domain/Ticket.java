package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;
import java.util.concurrent.CompletableFuture;

/**
 * A question that was admitted and waits for its batch.
 *
 * @param question the question
 * @param prompt its tokens
 * @param admittedNanos when it was admitted, by {@link System#nanoTime()}
 * @param answer completed with the answer, or with what prevented it; done before that where nobody waits any more
 */
record Ticket(Question question, Prompt prompt, long admittedNanos, CompletableFuture<Answer> answer) {

    Decoding decoding() {
        return question.decoding();
    }

    boolean isWanted() {
        return !answer.isDone();
    }
}
