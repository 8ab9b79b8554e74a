package dev.squadron.inference.domain;

import dev.squadron.contracts.checkpoint.CheckpointEvent;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.prompt.ContextSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Heads without a model: they answer one token each, and keep a diary. */
final class Heads {
    static final String MODEL = "test/model";

    private Heads() {}

    /** A head that answers while it holds a permit, and fails once closed. */
    static final class Diary implements Reader {
        final List<List<Integer>> batches = new ArrayList<>();
        final List<Decoding> decodings = new ArrayList<>();
        final Semaphore permits = new Semaphore(0);
        final CountDownLatch begun = new CountDownLatch(1);
        final AtomicInteger closed = new AtomicInteger();

        @Override
        public List<List<Output>> read(List<Prompt> prompts, Decoding decoding) {
            begun.countDown();
            permits.acquireUninterruptibly();
            if (closed.get() > 0) {
                throw new IllegalStateException("The head was closed under a batch");
            }
            synchronized (batches) {
                batches.add(prompts.stream().map(Prompt::length).toList());
                decodings.add(decoding);
            }
            return prompts.stream()
                    .map(prompt -> new Generated(
                            new int[] {prompt.ids()[0], 1}, new float[] {(float) Math.log(0.5), 0f}, true))
                    .map(generated -> Collections.nCopies(
                            decoding.rules().numReturnSequences(),
                            new Output(generated, Optional.of(new ContextSpan(2, 9, "passage")))))
                    .toList();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }

        Diary free() {
            permits.release(1_000_000);
            return this;
        }
    }

    /** Tokens are the question's characters; decoding gives the token's number. */
    static final Language LANGUAGE = new Language() {
        @Override
        public Prompt encode(Question question) {
            return new Prompt(question.question().chars().toArray(), false, null);
        }

        @Override
        public int[] labels(String answer) {
            return answer.chars().toArray();
        }

        @Override
        public String decode(int[] ids) {
            return Integer.toString(ids[0]);
        }
    };

    /** Counts what it is told. */
    static final class Counts implements ServingObserver {
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final AtomicInteger swapped = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();

        @Override
        public void answered(Answer answer, Duration total) {
            answered.incrementAndGet();
        }

        @Override
        public void failed(int size) {
            failed.addAndGet(size);
        }

        @Override
        public void swapped(Duration took) {
            swapped.incrementAndGet();
        }

        @Override
        public void refused() {
            refused.incrementAndGet();
        }
    }

    static ServedHead own(Reader reader) {
        return new ServedHead(Optional.empty(), reader);
    }

    static CheckpointRef ref(String id) {
        return new CheckpointRef(id, "checkpoints/" + id + "/squadron.json", "0".repeat(64));
    }

    static CheckpointEvent promoted(CheckpointRef live, CheckpointRef previous) {
        return new CheckpointEvent(
                CheckpointEvent.Type.PROMOTED,
                MODEL,
                live,
                live,
                previous,
                Map.of("f1", 50.0),
                null,
                Instant.parse("2026-11-23T12:00:00Z"));
    }

    static Question question(int tokens) {
        return question(tokens, Decoding.of(Mode.FREE, GenerationConfig.greedy(8)));
    }

    static Question question(int tokens, Decoding decoding) {
        return new Question("q".repeat(tokens), "a passage with 113 in it", decoding);
    }
}
