package dev.squadron.trainer.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.checkpoints.features.FeatureObserver.From;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.RunEvent.State;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.ToldRun;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainerMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RunBook book = new RunBook();
    private final TrainerMetrics metrics = new TrainerMetrics(registry, new SmallModel(), book, new SweepBook());

    @Test
    void countersAreThereBeforeAnythingHappens() {
        assertThat(registry.getMeters())
                .allMatch(meter -> "google/flan-t5-small".equals(meter.getId().getTag("model_name")))
                .extracting(meter -> meter.getId().getName())
                .contains("squadron.runs.ended", "squadron.sweeps.ended", "squadron.folds.judged")
                .contains("squadron.feature.shards.gone", "squadron.feature.shards.gone.bytes");
        assertThat(registry.getMeters())
                .filteredOn(Counter.class::isInstance)
                .allMatch(counter -> ((Counter) counter).count() == 0);
        assertThat(count("squadron.runs.ended", "state", "failed")).isZero();
    }

    @Test
    void countsEndsByStateAndFoldsByVerdict() {
        metrics.ended(ToldRun.event(State.FAILED));
        metrics.ended(fold(true));
        metrics.ended(fold(false));
        metrics.ended(fold(false));
        metrics.ended(fold(null));
        metrics.ended(fold(null).to(State.FAILED, null, "out of disk", Instant.EPOCH));

        assertThat(count("squadron.runs.ended", "state", "failed")).isEqualTo(2);
        assertThat(count("squadron.runs.ended", "state", "succeeded")).isEqualTo(4);
        assertThat(count("squadron.folds.judged", "verdict", "admitted")).isEqualTo(1);
        assertThat(count("squadron.folds.judged", "verdict", "refused")).isEqualTo(2);
        assertThat(count("squadron.folds.judged", "verdict", "overtaken")).isEqualTo(1);
    }

    @Test
    void countsShardsAndTheirBytesByWhereTheyWere() {
        metrics.gone(From.DISK, 100);
        metrics.gone(From.DISK, 50);
        metrics.gone(From.CATALOGUE, 7);

        assertThat(count("squadron.feature.shards.gone", "from", "disk")).isEqualTo(2);
        assertThat(count("squadron.feature.shards.gone.bytes", "from", "disk")).isEqualTo(150);
        assertThat(count("squadron.feature.shards.gone.bytes", "from", "catalogue"))
                .isEqualTo(7);
        assertThat(count("squadron.feature.shards.gone", "from", "bucket")).isZero();
    }

    @Test
    void showsWhatTheBookSays() {
        book.on(ToldRun.event(State.REQUESTED));
        assertThat(gauge("squadron.num.runs.waiting")).isEqualTo(1);
        assertThat(gauge("squadron.num.runs.running")).isZero();

        book.on(ToldRun.event(State.RUNNING));
        assertThat(gauge("squadron.num.runs.waiting")).isZero();
        assertThat(gauge("squadron.num.runs.running")).isEqualTo(1);

        book.on(ToldRun.event(State.CANCELLED));
        assertThat(gauge("squadron.num.runs.running")).isZero();
        assertThat(gauge("squadron.num.sweeps.running")).isZero();
    }

    private double count(String name, String label, String value) {
        return registry.get(name).tag(label, value).counter().count();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private static RunEvent fold(Boolean admitted) {
        RunEvent run = ToldRun.event(State.SUCCEEDED);
        Fold fold = new Fold(List.of("feedback"), null, List.of(), List.of(), null, new Gate(null, null), admitted);
        return new RunEvent(
                run.run(), run.dataset(), run.model(), run.recipe(), run.state(), null, null, run.at(), fold);
    }

    /** Settings with a model of the hub. */
    private static final class SmallModel implements ModelSettings {
        @Override
        public String name() {
            return "google/flan-t5-small";
        }

        @Override
        public String revision() {
            return "main";
        }
    }
}
