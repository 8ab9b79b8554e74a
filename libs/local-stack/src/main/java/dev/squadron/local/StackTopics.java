package dev.squadron.local;

import dev.squadron.contracts.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** Creates Squadron's topics where they are missing. */
public final class StackTopics {
    /** Most bytes of a message: a record's 900,000, its headers, and room. */
    public static final int MAX_MESSAGE_BYTES = 1_100_000;

    private static final Duration WEEK = Duration.ofDays(7);

    private StackTopics() {}

    /**
     * Creates the topics that are not there.
     *
     * @param partitions of each topic that has a share of the data
     */
    public static void create(String bootstrapServers, int partitions) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Set<String> existing = admin.listTopics().names().get(30, TimeUnit.SECONDS);
            List<NewTopic> missing = Topics.all().stream()
                    .filter(topic -> !existing.contains(topic.name()))
                    .map(topic -> new NewTopic(topic.name(), topic.partitioned() ? partitions : 1, (short) 1)
                            .configs(settings(topic.cleanup())))
                    .toList();
            admin.createTopics(missing).all().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while creating topics", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The topics cannot be created at " + bootstrapServers + ": " + e, e);
        }
    }

    private static Map<String, String> settings(Topics.Cleanup cleanup) {
        Map<String, String> settings = new HashMap<>();
        settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_MESSAGE_BYTES));
        switch (cleanup) {
            case KEEP -> settings.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
            case DELETE -> settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(WEEK.toMillis()));
            case COMPACT -> settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        }
        return settings;
    }
}
