package dev.squadron.trainer.domain.report;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.trainer.domain.RunHistory;
import dev.squadron.trainer.domain.report.Chart.Point;
import dev.squadron.trainer.domain.report.Chart.Series;
import dev.squadron.trainer.domain.report.Chart.Style;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** The curves of a run, drawn over its updates from what it has told. */
final class Curves {
    private static final String STEPS = "updates";

    private final List<Progress> steps;
    private final List<Progress> epochs;
    private final List<Progress> measured;

    Curves(List<Progress> told) {
        steps = told.stream().filter(RunHistory::isStep).toList();
        epochs = told.stream()
                .filter(each -> each.step() != null && each.metrics() != null)
                .toList();
        measured = told.stream()
                .filter(each -> each.step() == null && each.metrics() != null)
                .toList();
    }

    /** Returns the charts that have something to show. */
    List<Chart> charts() {
        return Stream.of(
                        Chart.of(
                                "Loss",
                                STEPS,
                                new Series("training", Style.LINE, ofSteps(Progress::loss)),
                                new Series("validation", Style.LINE, ofMetric("validation_loss"))),
                        Chart.of(
                                "Exact match and F1",
                                STEPS,
                                new Series("exact match", Style.LINE, ofMetric("exact")),
                                new Series("F1", Style.LINE, ofMetric("f1"))),
                        Chart.of(
                                "Learning rate",
                                STEPS,
                                new Series("learning rate", Style.LINE, ofSteps(Progress::learningRate))),
                        Chart.of(
                                "Norm of the gradient",
                                STEPS,
                                new Series("norm", Style.LINE, ofSteps(Progress::gradientNorm))))
                .filter(chart -> !chart.isEmpty())
                .toList();
    }

    private List<Point> ofSteps(Function<Progress, Double> value) {
        return steps.stream()
                .filter(step -> value.apply(step) != null)
                .map(step -> new Point(step.step(), value.apply(step)))
                .toList();
    }

    /** Returns a metric before training, at the end of each epoch, and after training where the last epoch does not tell it. */
    private List<Point> ofMetric(String metric) {
        Map<Long, Double> values = new TreeMap<>();
        at(Stage.BASELINE).forEach(end -> values.put(0L, end.metrics().get(metric)));
        epochs.forEach(epoch -> values.put(epoch.step(), epoch.metrics().get(metric)));
        at(Stage.VALIDATING)
                .forEach(end -> values.merge(lastStep(), end.metrics().get(metric), (known, same) -> known));
        return values.entrySet().stream()
                .filter(value -> value.getValue() != null)
                .map(value -> new Point(value.getKey(), value.getValue()))
                .toList();
    }

    private Stream<Progress> at(Stage stage) {
        return measured.stream().filter(each -> each.stage() == stage);
    }

    private long lastStep() {
        return Stream.concat(steps.stream(), epochs.stream())
                .mapToLong(Progress::step)
                .max()
                .orElse(0);
    }
}
