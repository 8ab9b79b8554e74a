package dev.squadron.trainer.endpoint;

import dev.squadron.checkpoints.features.FeatureObserver;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.SweepView;
import dev.squadron.trainer.domain.TrainerObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Training in numbers. A counter counts what this replica does, so that the sum over the replicas counts everything once; a gauge shows
 * what the log says, which is the same at every replica.
 */
@Startup
@ApplicationScoped
public class TrainerMetrics implements TrainerObserver, FeatureObserver {
    private static final String ADMITTED = "admitted";
    private static final String REFUSED = "refused";
    private static final String OVERTAKEN = "overtaken";

    private final MeterRegistry registry;
    private final Tags model;
    private final Counter updates;
    private final Counter examples;
    private final Counter computed;
    private final Counter opened;

    TrainerMetrics(MeterRegistry registry, ModelSettings settings, RunBook runs, SweepBook sweeps) {
        this.registry = registry;
        this.model = Tags.of("model_name", ModelDirectory.nameOf(settings.name()));
        this.updates = counter("squadron.training.updates", "Updates made", model);
        this.examples = counter("squadron.training.examples", "Examples that updates were made from", model);
        this.computed = counter("squadron.features.computed", "Examples whose features were computed", model);
        this.opened = counter("squadron.features.opened", "Examples whose features runs and sweeps have opened", model);
        Stream.of(State.SUCCEEDED, State.FAILED, State.CANCELLED).forEach(state -> {
            endedRuns(state);
            endedSweeps(state);
        });
        Stream.of(ADMITTED, REFUSED, OVERTAKEN).forEach(this::folds);
        Stream.of(From.values()).forEach(from -> {
            goneShards(from);
            goneBytes(from);
        });
        show("runs", () -> runs.views().stream().map(RunView::state));
        show("sweeps", () -> sweeps.views().stream().map(SweepView::state));
    }

    @Override
    public void ended(RunEvent run) {
        endedRuns(run.state()).increment();
        if (run.fold() != null && run.state() == State.SUCCEEDED) {
            folds(verdict(run.fold())).increment();
        }
    }

    @Override
    public void ended(SweepEvent sweep) {
        endedSweeps(sweep.state()).increment();
    }

    @Override
    public void updated(long count) {
        updates.increment();
        examples.increment((double) count);
    }

    @Override
    public void computed(int count) {
        computed.increment(count);
    }

    @Override
    public void opened(int count) {
        opened.increment(count);
    }

    @Override
    public void gone(From from, long bytes) {
        goneShards(from).increment();
        goneBytes(from).increment((double) bytes);
    }

    private Counter endedRuns(State state) {
        return counter(
                "squadron.runs.ended", "Runs that have ended, folds among them", model.and("state", lower(state)));
    }

    private Counter endedSweeps(State state) {
        return counter("squadron.sweeps.ended", "Sweeps that have ended", model.and("state", lower(state)));
    }

    private Counter folds(String verdict) {
        return counter("squadron.folds.judged", "Folds by what the gate said", model.and("verdict", verdict));
    }

    private Counter goneShards(From from) {
        return counter(
                "squadron.feature.shards.gone",
                "Feature shards that the limits removed",
                model.and("from", lower(from)));
    }

    private Counter goneBytes(From from) {
        return counter(
                "squadron.feature.shards.gone.bytes",
                "Bytes of the feature shards that the limits removed",
                model.and("from", lower(from)));
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private void show(String jobs, Supplier<Stream<State>> states) {
        show(jobs, "waiting", "wait", State.REQUESTED, states);
        show(jobs, "running", "are carried out", State.RUNNING, states);
    }

    private void show(String jobs, String name, String verb, State state, Supplier<Stream<State>> states) {
        Gauge.builder(
                        "squadron.num." + jobs + "." + name,
                        () -> states.get().filter(each -> each == state).count())
                .description("How many " + jobs + " " + verb + "; the same at every replica")
                .tags(model)
                .register(registry);
    }

    private static String verdict(Fold fold) {
        if (fold.admitted() == null) {
            return OVERTAKEN;
        }
        return fold.admitted() ? ADMITTED : REFUSED;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
