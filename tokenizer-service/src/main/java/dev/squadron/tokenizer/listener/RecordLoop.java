package dev.squadron.tokenizer.listener;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Topics;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.KafkaClients.Patience;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.tokenizer.config.TokenizerSettings;
import dev.squadron.tokenizer.domain.Packing;
import dev.squadron.tokenizer.domain.Tally;
import dev.squadron.tokenizer.domain.Tokenizing;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads records and writes token batches: what one poll gives is transformed, written and committed in one transaction, so that
 * each record is counted once, whoever dies when. Nothing is kept between two polls; replicas share the partitions as members of
 * the group {@value #GROUP}. Whatever goes wrong with the broker, the loop begins again from the committed offsets.
 */
@Startup
@ApplicationScoped
public class RecordLoop {
    private static final String GROUP = "squadron-tokenizer";
    private static final Logger LOG = LoggerFactory.getLogger(RecordLoop.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaClients clients;
    private final QaPrompt prompt;
    private final TokenizerSettings settings;
    private final MeterRegistry metrics;
    private final Tokenizing tokenizing;
    private final Packing packing;
    private final Map<Integer, Tally> tallies = new HashMap<>();
    private volatile KafkaConsumer<byte[], byte[]> consumer;
    private volatile boolean assigned;
    private volatile boolean stopping;
    private Thread thread;

    RecordLoop(KafkaClients clients, QaPrompt prompt, TokenizerSettings settings, MeterRegistry metrics) {
        this.clients = clients;
        this.prompt = prompt;
        this.settings = settings;
        this.metrics = metrics;
        this.tokenizing = new Tokenizing(prompt);
        this.packing = new Packing(settings.tokenBudget());
    }

    @PostConstruct
    void start() {
        thread = new Thread(this::run, "tokenize");
        thread.start();
    }

    @PreDestroy
    void stop() throws InterruptedException {
        stopping = true;
        KafkaConsumer<byte[], byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        thread.join();
    }

    /** Returns whether this replica is a member of the group and has read its share of the partitions. */
    public boolean isAssigned() {
        return assigned;
    }

    private void run() {
        while (!stopping) {
            try (KafkaProducer<byte[], byte[]> producer =
                            clients.transactionalProducer(GROUP + "-" + settings.instance(), Patience.WORK);
                    KafkaConsumer<byte[], byte[]> reader = clients.consumer(GROUP)) {
                consumer = reader;
                reader.subscribe(List.of(Topics.RECORDS), new Assignment(reader));
                while (!stopping) {
                    ConsumerRecords<byte[], byte[]> records = reader.poll(POLL);
                    assigned = true;
                    if (!records.isEmpty()) {
                        transact(producer, reader, records);
                    }
                }
            } catch (WakeupException e) {
                LOG.debug("Leaving the group {}", GROUP);
            } catch (KafkaException e) {
                LOG.warn("Beginning again from the committed offsets: {}", e.toString());
                pause();
            } finally {
                assigned = false;
            }
        }
    }

    private void transact(
            KafkaProducer<byte[], byte[]> producer,
            KafkaConsumer<byte[], byte[]> reader,
            ConsumerRecords<byte[], byte[]> records) {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition source : records.partitions()) {
            Tally tally = tallies.computeIfAbsent(source.partition(), partition -> Tally.of(""));
            RecordWindow window =
                    new RecordWindow(source.partition(), tokenizing, packing, prompt.preprocessing(), tally);
            for (ConsumerRecord<byte[], byte[]> record : records.records(source)) {
                window.add(record);
            }
            window.flush().forEach(message -> {
                Future<RecordMetadata> unused = producer.send(message);
            });
            offsets.put(source, new OffsetAndMetadata(reader.position(source), tally.metadata()));
            count(window);
        }
        producer.sendOffsetsToTransaction(offsets, reader.groupMetadata());
        producer.commitTransaction();
    }

    private void count(RecordWindow window) {
        metrics.counter("squadron.records.tokenized").increment(window.tokenized());
        for (InvalidMessage why : window.rejected()) {
            metrics.counter("squadron.dead.letters", "reason", why.rule()).increment();
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes over the tallies of the partitions that come, and forgets those that go. */
    private final class Assignment implements ConsumerRebalanceListener {
        private final KafkaConsumer<byte[], byte[]> reader;

        Assignment(KafkaConsumer<byte[], byte[]> reader) {
            this.reader = reader;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tallies.clear();
            Map<TopicPartition, OffsetAndMetadata> committed = reader.committed(Set.copyOf(reader.assignment()));
            committed.forEach((partition, offset) -> {
                if (offset != null) {
                    tallies.put(partition.partition(), Tally.of(offset.metadata()));
                }
            });
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            tallies.clear();
        }
    }
}
