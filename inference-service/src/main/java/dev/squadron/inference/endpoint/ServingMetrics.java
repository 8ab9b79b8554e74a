package dev.squadron.inference.endpoint;

import dev.squadron.inference.domain.Answer;
import dev.squadron.inference.domain.Answering;
import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.ServingObserver;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.text.hub.ModelDirectory;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Serving in numbers; the names are vLLM's behind {@code squadron_}, so that its dashboards can be adapted. */
@ApplicationScoped
public class ServingMetrics implements ServingObserver {
    private final MeterRegistry registry;
    private final Tags model;
    private final Timer latency;
    private final Timer queue;
    private final Timer swap;

    ServingMetrics(MeterRegistry registry, ModelSettings settings) {
        this.registry = registry;
        this.model = Tags.of("model_name", ModelDirectory.nameOf(settings.name()));
        this.latency = histogram("squadron.e2e.request.latency", "Time between a question's admission and its answer");
        this.queue = histogram("squadron.request.queue.time", "Time that a question waited for its batch");
        this.swap = histogram("squadron.head.swap", "Time between a checkpoint's event and its first batch");
        registry.counter("squadron.checkpoints.refused", model);
        registry.counter("squadron.request.failure", model);
    }

    void watch(@Observes StartupEvent event, Answering answering, HeadSwap heads) {
        Gauge.builder("squadron.num.requests.running", answering, Answering::running)
                .description("Questions that are being answered")
                .tags(model)
                .register(registry);
        Gauge.builder("squadron.num.requests.waiting", answering, Answering::waiting)
                .description("Questions that wait for their batch")
                .tags(model)
                .register(registry);
        Gauge.builder("squadron.checkpoint.age", heads, ServingMetrics::age)
                .description("Time since the live checkpoint was announced; NaN for the model's own head")
                .baseUnit("seconds")
                .tags(model)
                .register(registry);
    }

    @Override
    public void answered(Answer answer, Duration total) {
        latency.record(total);
        queue.record(answer.queued());
        registry.counter(
                        "squadron.request.success",
                        model.and("finished_reason", lower(answer.best().finish()), "mode", lower(answer.mode())))
                .increment();
        registry.counter("squadron.generation.tokens", model)
                .increment(answer.best().tokens());
        registry.counter("squadron.decoding.steps", model.and("mode", lower(answer.mode())))
                .increment(answer.best().steps());
    }

    @Override
    public void failed(int size) {
        registry.counter("squadron.request.failure", model).increment(size);
    }

    @Override
    public void swapped(Duration took) {
        swap.record(took);
    }

    @Override
    public void refused() {
        registry.counter("squadron.checkpoints.refused", model).increment();
    }

    private Timer histogram(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .tags(model)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(60))
                .register(registry);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double age(HeadSwap heads) {
        Instant created = heads.state().createdAt();
        return created == null
                ? Double.NaN
                : Duration.between(created, Instant.now()).toMillis() / 1000.0;
    }
}
