package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.report.Html.attributes;
import static dev.squadron.trainer.domain.report.Html.element;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Lines and dots over two axes, as SVG; its colours are the page's.
 *
 * @param title what is drawn
 * @param xTitle what the horizontal axis counts
 * @param xScale of the horizontal axis
 * @param yScale of the vertical axis
 * @param series what is drawn; points that are not finite, or not positive on a logarithmic scale, are left out
 */
public record Chart(String title, String xTitle, Scale xScale, Scale yScale, List<Series> series) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 280;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 16;
    private static final int BOTTOM = 44;
    private static final int FEW = 30;

    /** How an axis grows. */
    public enum Scale {
        LINEAR,
        LOG
    }

    /** How a series is drawn; the points of a short line are dots too. */
    public enum Style {
        LINE,
        DOTS
    }

    /** A point. */
    public record Point(double x, double y) {}

    /**
     * A line, or some dots.
     *
     * @param name for the legend
     * @param points in the order in which a line goes
     */
    public record Series(String name, Style style, List<Point> points) {}

    public Chart {
        series = series.stream()
                .map(each -> new Series(
                        each.name(),
                        each.style(),
                        each.points().stream()
                                .filter(point -> isDrawn(point.x(), xScale) && isDrawn(point.y(), yScale))
                                .toList()))
                .toList();
    }

    /** Returns a chart of two linear axes. */
    public static Chart of(String title, String xTitle, Series... series) {
        return new Chart(title, xTitle, Scale.LINEAR, Scale.LINEAR, List.of(series));
    }

    /** Returns whether there is nothing to draw. */
    public boolean isEmpty() {
        return series.stream().allMatch(each -> each.points().isEmpty());
    }

    /** Returns the picture with its title and legend. */
    public Html draw() {
        if (isEmpty()) {
            throw new IllegalStateException("The chart “" + title + "” has no points");
        }
        Axis x = axis(xScale, Point::x, LEFT, WIDTH - RIGHT);
        Axis y = axis(yScale, Point::y, HEIGHT - BOTTOM, TOP);
        List<Html> parts = new ArrayList<>();
        for (double tick : x.ticks()) {
            parts.add(line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM));
            parts.add(label(x.at(tick), HEIGHT - BOTTOM + 18, "middle", Figure.of(tick)));
        }
        for (double tick : y.ticks()) {
            parts.add(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick)));
            parts.add(label(LEFT - 8, y.at(tick) + 4, "end", Figure.of(tick)));
        }
        parts.add(label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", xTitle));
        for (int i = 0; i < series.size(); i++) {
            draw(series.get(i), "series-" + i, x, y, parts);
        }
        return element(
                "figure",
                element("figcaption", element("strong", title), legend()),
                element(
                        "svg",
                        attributes("viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img", "aria-label", title),
                        parts.toArray()));
    }

    private Html legend() {
        List<Object> names = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            if (series.size() > 1 && !series.get(i).points().isEmpty()) {
                names.add(element(
                        "span",
                        attributes("class", "series-" + i),
                        series.get(i).style() == Style.LINE ? "━ " : "● ",
                        series.get(i).name()));
            }
        }
        return element("span", attributes("class", "legend"), names.toArray());
    }

    private static void draw(Series series, String style, Axis x, Axis y, List<Html> parts) {
        if (series.style() == Style.LINE) {
            parts.add(element(
                    "polyline",
                    attributes(
                            "class",
                            style,
                            "points",
                            series.points().stream()
                                    .map(point -> place(x.at(point.x())) + "," + place(y.at(point.y())))
                                    .collect(Collectors.joining(" ")))));
        }
        if (series.style() == Style.DOTS || series.points().size() <= FEW) {
            series.points()
                    .forEach(point -> parts.add(element(
                            "circle",
                            attributes(
                                    "class", style, "cx", place(x.at(point.x())), "cy", place(y.at(point.y())), "r", 4),
                            element(
                                    "title",
                                    series.name() + " " + Figure.of(point.y()) + " at " + Figure.of(point.x())))));
        }
    }

    private Axis axis(Scale scale, ToDoubleFunction<Point> value, double from, double to) {
        double[] values = series.stream()
                .flatMap(each -> each.points().stream())
                .mapToDouble(value)
                .sorted()
                .toArray();
        return Axis.of(scale, values[0], values[values.length - 1], from, to);
    }

    private static boolean isDrawn(double value, Scale scale) {
        return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
    }

    private static Html line(double x1, double y1, double x2, double y2) {
        return element(
                "line",
                attributes("class", "grid", "x1", place(x1), "y1", place(y1), "x2", place(x2), "y2", place(y2)));
    }

    private static Html label(double x, double y, String anchor, String text) {
        return element("text", attributes("x", place(x), "y", place(y), "text-anchor", anchor), text);
    }

    private static String place(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
