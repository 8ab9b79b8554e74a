package dev.squadron.trainer.listener;

import dev.squadron.contracts.Topics;
import dev.squadron.contracts.run.Recipe.Tune;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.kit.kafka.KafkaClients;
import dev.squadron.kit.kafka.Membership;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepTrainer;
import dev.squadron.trainer.domain.TrainingDataLoader;
import dev.squadron.trainer.domain.Work;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes features for the run or the sweep that is being carried out, here or by another replica: those of the partitions that the consumer
 * group {@value #GROUP} gives to this one.
 */
@Startup
@ApplicationScoped
public class FeatureWorker implements Membership.Listener {
    private static final String GROUP = "squadron-features";
    private static final String WORK_FOR = "features-of-";
    private static final Logger LOG = LoggerFactory.getLogger(FeatureWorker.class);

    private record Done(String run, int partition) {}

    private final KafkaClients clients;
    private final RunBook book;
    private final SweepBook sweeps;
    private final TrainingDataLoader loader;
    private final Set<Done> done = new HashSet<>();
    private final Map<String, List<RunEvent>> groups = new HashMap<>();
    private final Work work = new Work();
    private Membership membership;
    private String current;

    FeatureWorker(KafkaClients clients, RunBook book, SweepBook sweeps, TrainingDataLoader loader) {
        this.clients = clients;
        this.book = book;
        this.sweeps = sweeps;
        this.loader = loader;
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
        List<RunEvent> wanted = wanted();
        if (wanted.stream().noneMatch(run -> run.run().equals(current))) {
            work.cancel(WORK_FOR + current);
        }
        wanted.forEach(run -> {
            Set<Integer> left = work.isIdle()
                    ? held.stream()
                            .filter(partition -> done.add(new Done(run.run(), partition)))
                            .collect(Collectors.toSet())
                    : Set.of();
            if (!left.isEmpty()) {
                current = run.run();
                work.begin(WORK_FOR + current, cancellation -> extract(run, left, cancellation));
            }
        });
    }

    /** Returns the runs, or trials, whose features are being waited for. */
    private List<RunEvent> wanted() {
        return Stream.concat(
                        book.next().filter(run -> run.state() == State.RUNNING).stream(),
                        sweeps.next().filter(sweep -> sweep.state() == State.RUNNING).stream()
                                .flatMap(
                                        sweep -> groups.computeIfAbsent(sweep.sweep(), name -> groups(sweep)).stream()))
                .filter(run -> run.recipe().tune() == Tune.HEAD && run.fold() == null)
                .toList();
    }

    @Override
    public void onRevoked() {
        work.stop();
        done.clear();
    }

    private static List<RunEvent> groups(SweepEvent sweep) {
        try {
            return SweepTrainer.groups(sweep);
        } catch (IllegalArgumentException e) {
            LOG.warn("Sweep {}: no features from this replica: {}", sweep.sweep(), e.getMessage());
            return List.of();
        }
    }

    private void extract(RunEvent run, Set<Integer> partitions, Cancellation cancellation) {
        try {
            LOG.info("Run {}: features of {} in the partitions {}", run.run(), run.dataset(), partitions);
            loader.extract(run.onItsExamples(), partitions, cancellation);
        } catch (Cancelled e) {
            LOG.info("Run {}: features are left to other replicas", run.run());
        } catch (IncompleteDataset e) {
            LOG.debug("Run {}: {}", run.run(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("Run {}: no features from this replica: {}", run.run(), e.getMessage(), e);
        }
    }
}
