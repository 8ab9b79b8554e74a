package dev.squadron.trainer.listener;

import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Membership;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.Work;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes features for the run that is being carried out, here or by another replica: those of the partitions that the consumer
 * group {@value #GROUP} gives to this one.
 */
@Startup
@ApplicationScoped
public class FeatureWorker implements Membership.Listener {
    private static final String GROUP = "squadron-features";
    private static final Logger LOG = LoggerFactory.getLogger(FeatureWorker.class);

    private record Done(String run, int partition) {}

    private final KafkaClients clients;
    private final RunBook book;
    private final Trainer trainer;
    private final Set<Done> done = new HashSet<>();
    private final Work work = new Work();
    private Membership membership;

    FeatureWorker(KafkaClients clients, RunBook book, Trainer trainer) {
        this.clients = clients;
        this.book = book;
        this.trainer = trainer;
    }

    @PostConstruct
    void start() {
        membership = Membership.join(clients, GROUP, Topics.TOKEN_BATCHES, this);
    }

    @PreDestroy
    void stop() {
        membership.close();
    }

    @Override
    public void onPoll(Set<Integer> held) {
        book.next()
                .filter(run -> run.state() == State.RUNNING && run.recipe().tune() == Tune.HEAD && work.isIdle())
                .ifPresent(run -> {
                    Set<Integer> left = held.stream()
                            .filter(partition -> done.add(new Done(run.run(), partition)))
                            .collect(Collectors.toSet());
                    if (!left.isEmpty()) {
                        work.begin("features-of-" + run.run(), cancellation -> extract(run, left, cancellation));
                    }
                });
    }

    @Override
    public void onRevoked() {
        work.stop();
        done.clear();
    }

    private void extract(RunEvent run, Set<Integer> partitions, Cancellation cancellation) {
        try {
            LOG.info("Run {}: features of {} in the partitions {}", run.run(), run.dataset(), partitions);
            trainer.extract(run.onItsExamples(), partitions, cancellation);
        } catch (Cancelled e) {
            LOG.info("Run {}: features are left to other replicas", run.run());
        } catch (IncompleteDataset e) {
            LOG.debug("Run {}: {}", run.run(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("Run {}: no features from this replica: {}", run.run(), e.getMessage(), e);
        }
    }
}
