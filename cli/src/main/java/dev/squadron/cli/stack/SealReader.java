package dev.squadron.cli.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Home;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.record.Seal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the seals of a data set behind the tokenizer: with the last one, every record of it has been dealt with. */
public final class SealReader {
    private final String bootstrapServers;

    private SealReader(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** Reads from the broker of the stack in {@code home}. */
    public static SealReader of(Home home) {
        return new SealReader(StackSettings.of(home).bootstrapServers());
    }

    /**
     * Waits for the seals of all partitions.
     *
     * @param told is told how many partitions are sealed
     */
    public List<Seal> await(String dataset, Duration patience, IntConsumer told) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.TOKEN_BATCHES).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<Seal> seals = new ArrayList<>();
            long end = System.nanoTime() + patience.toNanos();
            while (seals.size() < partitions.size()) {
                if (System.nanoTime() > end) {
                    throw new CliException("The tokenizer has sealed " + seals.size() + " of " + partitions.size()
                            + " partitions of " + dataset + " after " + patience.toSeconds()
                            + " s; look at `squadron logs tokenizer`.");
                }
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(200))) {
                    add(seals, message, dataset);
                }
                told.accept(seals.size());
            }
            return seals;
        }
    }

    private static void add(List<Seal> seals, ConsumerRecord<byte[], byte[]> message, String dataset) {
        Header type = message.headers().lastHeader(Headers.TYPE);
        if (type == null || !Headers.TYPE_SEAL.equals(new String(type.value(), UTF_8))) {
            return;
        }
        try {
            Seal seal = Seal.read(message.value());
            if (seal.dataset().equals(dataset)) {
                seals.add(seal);
            }
        } catch (InvalidMessage e) {
            throw new CliException("A seal of " + Topics.TOKEN_BATCHES + " cannot be read: " + e.getMessage(), e);
        }
    }
}
