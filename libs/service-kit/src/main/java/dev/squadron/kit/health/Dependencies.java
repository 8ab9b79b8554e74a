package dev.squadron.kit.health;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.kit.kafka.KafkaClients;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaFuture;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Kafka and the bucket, for readiness to ask: anew each time, side by side, and with the same patience of two seconds. */
@ApplicationScoped
public class Dependencies {
    private static final int PATIENCE_MILLIS = 2_000;

    private final Admin admin;
    private final ObjectStore store;

    Dependencies(KafkaClients clients, ObjectStore store) {
        this.admin = clients.admin();
        this.store = store;
    }

    @PreDestroy
    void close() {
        admin.close();
    }

    /**
     * Which of them answered.
     *
     * @param kafka whether a broker did
     * @param bucket whether the store did, and has the bucket
     */
    public record Answers(boolean kafka, boolean bucket) {

        /** Puts the answers into a check; it is for the service to say whether it can work without. */
        public HealthCheckResponseBuilder tell(HealthCheckResponseBuilder check) {
            return check.withData("kafka", answer(kafka)).withData("bucket", answer(bucket));
        }
    }

    /** Returns how a check words an answer. */
    public static String answer(boolean there) {
        return there ? "answers" : "does not answer";
    }

    /** Asks both. */
    public Answers ask() {
        KafkaFuture<?> broker = askBroker();
        boolean bucket = store.isReady(PATIENCE_MILLIS);
        return new Answers(answered(broker), bucket);
    }

    /** Asks Kafka alone. */
    public boolean isKafkaThere() {
        return answered(askBroker());
    }

    /**
     * Returns the readiness of a service that can do nothing without either: ready when both answer and its own topics are known.
     *
     * @param service names the check
     * @param topics what they hold: {@code runs}
     * @param read whether all that stood in them at start is known
     */
    public HealthCheckResponse readiness(String service, String topics, boolean read) {
        Answers answers = ask();
        return answers.tell(HealthCheckResponse.named(service))
                .withData(topics, read ? "read" : "being read")
                .status(read && answers.kafka() && answers.bucket())
                .build();
    }

    private KafkaFuture<?> askBroker() {
        return admin.describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MILLIS))
                .nodes();
    }

    private static boolean answered(KafkaFuture<?> broker) {
        try {
            broker.get();
            return true;
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
