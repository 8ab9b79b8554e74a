package dev.squadron.kit.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Makes messages with the headers of CloudEvents 1.0 (Kafka binding, binary mode), and reads those headers. */
public final class Messages {
    public static final String JSON = "application/json";
    public static final String PROTOBUF = "application/protobuf";

    private final String source;
    private final Clock clock;

    /**
     * @param source who writes, as a CloudEvents source: {@code /squadron/ingest-service}
     * @param clock tells the messages' times
     */
    public Messages(String source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Returns a JSON message for whichever partition its key falls into. */
    public ProducerRecord<byte[], byte[]> json(String topic, String key, String type, Object value) {
        return of(topic, null, key, type, JSON, ContractJson.write(value));
    }

    /**
     * Returns a message.
     *
     * @param partition null: by key
     * @param type one of the {@code TYPE_} values of {@link Headers}
     */
    public ProducerRecord<byte[], byte[]> of(
            String topic, Integer partition, String key, String type, String contentType, byte[] value) {
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value);
        put(message, Headers.SPEC_VERSION, "1.0");
        put(message, Headers.ID, UUID.randomUUID().toString());
        put(message, Headers.SOURCE, source);
        put(message, Headers.TYPE, type);
        put(message, Headers.TIME, clock.instant().toString());
        put(message, Headers.CONTENT_TYPE, contentType);
        return message;
    }

    /** Returns the {@code ce_type} of a message, if it has one. */
    public static Optional<String> type(ConsumerRecord<byte[], byte[]> message) {
        return Optional.ofNullable(message.headers().lastHeader(Headers.TYPE))
                .map(Header::value)
                .map(value -> new String(value, UTF_8));
    }

    static void put(ProducerRecord<byte[], byte[]> message, String name, String value) {
        message.headers().add(name, value.getBytes(UTF_8));
    }
}
