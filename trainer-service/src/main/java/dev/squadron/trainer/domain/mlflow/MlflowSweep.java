package dev.squadron.trainer.domain.mlflow;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.trainer.domain.RunView.Epoch;
import dev.squadron.trainer.domain.SweepView;
import dev.squadron.trainer.domain.SweepView.TrialView;
import dev.squadron.trainer.domain.mlflow.MlflowClient.Metric;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Says what is to be logged of a sweep: each trial that has begun as a run under it, with its metrics by epoch, and the ends. A view
 * holds all that was told before it, so what is new is what the view before it lacks.
 */
final class MlflowSweep implements Consumer<SweepView> {
    private final SweepEvent sweep;
    private final MlflowRun run;
    private final Consumer<MlflowTold> queue;
    private final Map<Integer, TrialView> known = new HashMap<>();

    /** @param run the sweep to MLflow */
    MlflowSweep(SweepEvent sweep, MlflowRun run, Consumer<MlflowTold> queue) {
        this.sweep = sweep;
        this.run = run;
        this.queue = queue;
    }

    @Override
    public void accept(SweepView view) {
        view.trials().stream()
                .filter(MlflowSweep::hasBegun)
                .forEach(trial -> tell(known.put(trial.number(), trial), trial, view));
        if (view.state().isFinal()) {
            queue.accept(new MlflowTold(run, List.of(), MlflowEnd.of(view)));
        }
    }

    private static boolean hasBegun(TrialView trial) {
        return trial.epochs() != null || trial.state() == TrialState.RUNNING || trial.state() == TrialState.FAILED;
    }

    /** @param before null where it has just begun */
    private void tell(TrialView before, TrialView trial, SweepView view) {
        List<Metric> metrics = news(before, trial, view.at());
        boolean over = trial.isOver() || view.state().isFinal();
        boolean wasOver = before != null && before.isOver();
        if (before == null || !metrics.isEmpty() || over != wasOver) {
            queue.accept(new MlflowTold(
                    run.trial(sweep.runOf(trial.number()), recipe(trial), view.at()),
                    metrics,
                    over ? MlflowEnd.of(trial, view) : null));
        }
    }

    /** Returns what epochs gave, and in its place what was measured at the end of one: of the state that would be the checkpoint. */
    private static List<Metric> news(TrialView before, TrialView trial, Instant at) {
        int epochs = before == null ? 0 : before.curve().size();
        Map<Integer, Map<String, Double>> news = new TreeMap<>();
        trial.curve().stream().skip(epochs).forEach(epoch -> news.put(epoch.epoch(), metrics(epoch)));
        if (trial.metrics() != null && (before == null || !Objects.equals(before.metrics(), trial.metrics()))) {
            news.computeIfAbsent(trial.epochs(), epoch -> new TreeMap<>()).putAll(trial.metrics());
        }
        return news.entrySet().stream()
                .flatMap(epoch -> Metric.of(epoch.getValue(), epoch.getKey(), at).stream())
                .toList();
    }

    private static Map<String, Double> metrics(Epoch epoch) {
        Map<String, Double> metrics = new TreeMap<>();
        metrics.put("train_loss", epoch.trainLoss());
        metrics.put("validation_loss", epoch.validationLoss());
        metrics.put("exact", epoch.exact());
        metrics.put("f1", epoch.f1());
        return metrics;
    }

    private Recipe recipe(TrialView trial) {
        try {
            return sweep.plan().recipe().with(trial.values());
        } catch (InvalidMessage e) {
            throw new IllegalStateException("A trial that has begun has no recipe: " + e.getMessage(), e);
        }
    }
}
