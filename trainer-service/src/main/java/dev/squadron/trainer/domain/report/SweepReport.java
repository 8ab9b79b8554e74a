package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.report.Html.attributes;
import static dev.squadron.trainer.domain.report.Html.element;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.run.Metric;
import dev.squadron.contracts.run.Range;
import dev.squadron.contracts.run.SweepEvent.TrialState;
import dev.squadron.trainer.domain.SweepView;
import dev.squadron.trainer.domain.SweepView.TrialView;
import dev.squadron.trainer.domain.report.Chart.Point;
import dev.squadron.trainer.domain.report.Chart.Scale;
import dev.squadron.trainer.domain.report.Chart.Series;
import dev.squadron.trainer.domain.report.Chart.Style;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What a sweep tried and which trials were best, as a page.
 *
 * @param sweep the sweep
 */
public record SweepReport(SweepView sweep) {
    private static final int FOLLOWED = 4;

    /** Returns the page as UTF-8. */
    public byte[] write() {
        List<Html> sections = new ArrayList<>();
        sections.add(summary());
        if (!sweep.trials().isEmpty()) {
            sections.add(Page.section("Ranking", ranking()));
        }
        Object[] charts = charts().stream()
                .filter(chart -> !chart.isEmpty())
                .map(Chart::draw)
                .toArray();
        if (charts.length > 0) {
            sections.add(Page.section("Trials", element("div", attributes("class", "charts"), charts)));
        }
        for (String key : sweep.plan().space().keySet()) {
            if (!isNumeric(key) && !measured().isEmpty()) {
                sections.add(Page.section(key, choices(key)));
            }
        }
        sections.add(Page.section(
                "Recipe that the trials share",
                element("pre", sweep.plan().recipe().toYaml())));
        return Page.write("Sweep " + sweep.sweep(), sections);
    }

    private Html summary() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("State", sweep.state().label());
        facts.put("Data set", sweep.dataset());
        facts.put("Model", sweep.model());
        facts.put("Search", sweep.plan().search().label());
        facts.put("Ranked by", name());
        facts.put("Best trial", sweep.best());
        facts.put(
                "Checkpoint",
                sweep.checkpoint() == null ? null : sweep.checkpoint().id());
        facts.put("Message", sweep.message());
        facts.put("As of", sweep.at());
        facts.values().removeIf(Objects::isNull);
        return Html.facts(facts);
    }

    private Html ranking() {
        List<String> columns = new ArrayList<>(List.of("Rank", "Trial", name(), "Epochs", "State"));
        columns.addAll(sweep.plan().space().keySet());
        columns.add("");
        return Html.table(
                columns,
                ranked().stream()
                        .map(trial -> {
                            List<Object> row = new ArrayList<>(List.of(
                                    trial.rank() == null ? "–" : trial.rank(),
                                    trial.number(),
                                    trial.metrics() == null ? Double.NaN : value(trial),
                                    trial.epochs() == null ? 0 : trial.epochs(),
                                    trial.state().label()));
                            sweep.plan()
                                    .space()
                                    .keySet()
                                    .forEach(key -> row.add(shown(trial.values().get(key))));
                            row.add(Objects.requireNonNullElse(trial.message(), ""));
                            return row;
                        })
                        .toList());
    }

    private List<Chart> charts() {
        List<Chart> charts = new ArrayList<>();
        charts.add(chart("by trial", "trial", Scale.LINEAR, TrialView::number));
        charts.add(Chart.of(
                "Validation loss of the best trials",
                "epochs",
                ranked().stream()
                        .filter(trial -> trial.rank() != null && trial.rank() <= FOLLOWED)
                        .map(trial -> new Series(
                                "trial " + trial.number(),
                                Style.LINE,
                                trial.curve().stream()
                                        .filter(epoch -> epoch.validationLoss() != null)
                                        .map(epoch -> new Point(epoch.epoch(), epoch.validationLoss()))
                                        .toList()))
                        .toArray(Series[]::new)));
        sweep.plan().space().forEach((key, range) -> {
            if (isNumeric(key)) {
                charts.add(chart("by " + key, key, scale(range), trial -> trial.values()
                        .get(key)
                        .doubleValue()));
            }
        });
        return charts;
    }

    private Chart chart(String title, String xTitle, Scale scale, ToDoubleFunction<TrialView> x) {
        return new Chart(
                name() + " " + title,
                xTitle,
                scale,
                Scale.LINEAR,
                List.of(dots("to the end", x, true), dots("stopped early", x, false)));
    }

    private Series dots(String name, ToDoubleFunction<TrialView> x, boolean toTheEnd) {
        return new Series(
                name,
                Style.DOTS,
                measured().stream()
                        .filter(trial -> (trial.state() == TrialState.SUCCEEDED) == toTheEnd)
                        .map(trial -> new Point(x.applyAsDouble(trial), value(trial)))
                        .toList());
    }

    /** Returns what each value of a key came to. */
    private Html choices(String key) {
        Metric metric = sweep.plan().metric();
        Map<String, List<Double>> values = new TreeMap<>();
        measured().forEach(trial -> values.computeIfAbsent(
                        shown(trial.values().get(key)).toString(), value -> new ArrayList<>())
                .add(value(trial)));
        return Html.table(
                List.of("Value", "Trials", "Best " + name(), "Mean"),
                values.entrySet().stream()
                        .map(each -> List.of(
                                each.getKey(),
                                each.getValue().size(),
                                each.getValue().stream()
                                        .max((one, other) -> Double.compare(metric.gain(one, other), 0))
                                        .orElseThrow(),
                                each.getValue().stream()
                                        .mapToDouble(value -> value)
                                        .average()
                                        .orElseThrow()))
                        .toList());
    }

    private List<TrialView> ranked() {
        return sweep.trials().stream()
                .sorted(Comparator.comparing(TrialView::rank, Comparator.nullsLast(Comparator.naturalOrder())))
                .toList();
    }

    private List<TrialView> measured() {
        return sweep.trials().stream().filter(trial -> trial.rank() != null).toList();
    }

    private double value(TrialView trial) {
        return trial.metrics().get(sweep.plan().metric().label());
    }

    private String name() {
        return sweep.plan().metric().label().replace('_', ' ');
    }

    private boolean isNumeric(String key) {
        Range range = sweep.plan().space().get(key);
        return range.values() == null || range.values().stream().allMatch(JsonNode::isNumber);
    }

    private static Scale scale(Range range) {
        return range.scale() == Range.Scale.LOG ? Scale.LOG : Scale.LINEAR;
    }

    private static Object shown(JsonNode value) {
        return value.isNumber() ? value.numberValue() : value.asText(value.toString());
    }
}
