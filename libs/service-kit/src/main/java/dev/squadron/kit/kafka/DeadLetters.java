package dev.squadron.kit.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Makes dead letters: the message as it came, with the reason in headers named as SmallRye names them. */
public final class DeadLetters {
    private static final int MAX_KEY_BYTES = 4_096;
    private static final int MAX_HEADER_BYTES = 50_000;

    private DeadLetters() {}

    /**
     * Returns the dead letter of a message that came through a topic. Its own headers stay. What is larger than a topic may hold,
     * which compression lets through, is cut; a header says how large it was.
     */
    public static ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> origin, InvalidMessage why) {
        byte[] key = cut(origin.key(), MAX_KEY_BYTES);
        byte[] value = cut(origin.value(), KafkaClients.MAX_MESSAGE_BYTES);
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(Topics.DEAD_LETTERS, null, key, value);
        if (size(origin.headers()) <= MAX_HEADER_BYTES) {
            origin.headers().forEach(header -> letter.headers().add(header));
        }
        if (value != null && value.length < origin.value().length) {
            Messages.put(letter, Headers.DEAD_LETTER_SIZE, Integer.toString(origin.value().length));
        }
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

    private static byte[] cut(byte[] bytes, int limit) {
        return bytes == null || bytes.length <= limit ? bytes : Arrays.copyOf(bytes, limit);
    }

    private static long size(org.apache.kafka.common.header.Headers headers) {
        long size = 0;
        for (Header header : headers) {
            size += header.key().length() * 3L + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
