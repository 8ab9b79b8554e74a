package dev.squadron.trainer.listener;

import dev.squadron.trainer.domain.Cancellation;
import java.time.Instant;
import org.apache.kafka.clients.producer.KafkaProducer;

/** A run or a sweep that somebody asked for and that has not ended. */
interface Job {

    /** Returns its name, which no other job has: {@code run handbook-1}. */
    String name();

    /** Returns whether it has been begun, here or elsewhere. */
    boolean isBegun();

    /** Returns when its state changed last. */
    Instant at();

    /**
     * Carries it from where it stands to its end, and tells of both.
     *
     * @param producer within no transaction; only the owner of the runs has it
     * @throws dev.squadron.trainer.domain.Cancelled when asked to stop
     */
    void carryOut(KafkaProducer<byte[], byte[]> producer, Cancellation cancellation);

    /** Tells that it has failed. */
    void fail(String why);
}
