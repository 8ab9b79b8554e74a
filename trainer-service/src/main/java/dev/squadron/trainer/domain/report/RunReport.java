package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.report.Html.attributes;
import static dev.squadron.trainer.domain.report.Html.element;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.trainer.domain.RunView;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What a run did and came to, as a page.
 *
 * @param run the run
 * @param told what it has told, as its history keeps it
 * @param findings what its answers show; null before its end
 * @param lineage where its checkpoint comes from; null before its end
 */
public record RunReport(RunEvent run, List<Progress> told, Findings findings, Lineage lineage) {

    /** Returns the report of a run that goes on, or left no checkpoint. */
    public static RunReport soFar(RunEvent run, List<Progress> told) {
        return new RunReport(run, told, null, null);
    }

    /** Returns the page as UTF-8. */
    public byte[] write() {
        RunView view = RunView.of(run);
        for (Progress progress : told) {
            view = view.after(progress);
        }
        List<Html> sections = new ArrayList<>();
        sections.add(summary(view));
        if (view.before() != null || view.after() != null) {
            sections.add(Page.section("Before and after", comparison(view)));
        }
        List<Chart> charts = new Curves(told).charts();
        if (!charts.isEmpty()) {
            Object[] drawn = charts.stream().map(Chart::draw).toArray();
            sections.add(Page.section("Curves", element("div", attributes("class", "charts"), drawn)));
        }
        if (findings != null) {
            sections.addAll(findings.sections());
        }
        sections.add(Page.section("Recipe", element("pre", run.recipe().toYaml())));
        if (lineage != null) {
            sections.add(lineage.section());
        }
        return Page.write("Run " + run.run(), sections);
    }

    private Html summary(RunView view) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("State", run.state().label());
        facts.put("Data set", run.dataset());
        facts.put("Model", run.model());
        facts.put("Recipe", run.recipe().name());
        facts.put("Checkpoint", run.checkpoint());
        facts.put("Updates", view.step());
        facts.put("Examples/s", speed(Progress::examplesPerSecond));
        facts.put("Tokens/s", speed(Progress::tokensPerSecond));
        facts.put("Message", run.message());
        facts.put("As of", run.at().truncatedTo(ChronoUnit.SECONDS));
        facts.values().removeIf(Objects::isNull);
        return Html.facts(facts);
    }

    /** Returns the speed of training, which the last of its steps knows best. */
    private Double speed(Function<Progress, Double> value) {
        return told.stream()
                .filter(each -> each.stage() == Progress.Stage.TRAINING)
                .map(value)
                .filter(Objects::nonNull)
                .reduce((before, after) -> after)
                .orElse(null);
    }

    private static Html comparison(RunView view) {
        Map<String, Double> before = Objects.requireNonNullElse(view.before(), Map.of());
        Map<String, Double> after = Objects.requireNonNullElse(view.after(), Map.of());
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        return Html.table(
                List.of("", "Before", "After", "Change"),
                names.stream()
                        .map(name -> {
                            double was = before.getOrDefault(name, Double.NaN);
                            double is = after.getOrDefault(name, Double.NaN);
                            return List.of(name.replace('_', ' '), was, is, is - was);
                        })
                        .toList());
    }
}
