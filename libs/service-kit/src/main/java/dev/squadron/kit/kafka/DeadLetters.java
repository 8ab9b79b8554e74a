package dev.squadron.kit.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes dead letters: the message as it came, with the reason in headers named as SmallRye names them. */
public final class DeadLetters {
    private DeadLetters() {}

    /** Returns the dead letter of a message that came through a topic; its own headers stay. */
    public static ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> origin, InvalidMessage why) {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(Topics.DEAD_LETTERS, null, origin.key(), origin.value());
        origin.headers().forEach(header -> letter.headers().add(header));
        Messages.put(letter, Headers.DEAD_LETTER_TOPIC, origin.topic());
        Messages.put(letter, Headers.DEAD_LETTER_PARTITION, Integer.toString(origin.partition()));
        Messages.put(letter, Headers.DEAD_LETTER_OFFSET, Long.toString(origin.offset()));
        return explain(letter, why);
    }

    /** Returns the dead letter of a record that never reached a topic. */
    public static ProducerRecord<byte[], byte[]> of(String key, byte[] value, InvalidMessage why) {
        return explain(new ProducerRecord<>(Topics.DEAD_LETTERS, null, key.getBytes(UTF_8), value), why);
    }

    private static ProducerRecord<byte[], byte[]> explain(ProducerRecord<byte[], byte[]> letter, InvalidMessage why) {
        Messages.put(letter, Headers.DEAD_LETTER_RULE, why.rule());
        Messages.put(letter, Headers.DEAD_LETTER_REASON, why.getMessage());
        Messages.put(letter, Headers.DEAD_LETTER_EXCEPTION, why.getClass().getName());
        return letter;
    }
}
