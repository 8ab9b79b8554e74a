package dev.squadron.benchmarks.peers;

import static dev.squadron.benchmarks.Report.figure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars with their figures, as SVG. */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LABELS = 250;
    private static final int FIGURES = 80;
    private static final int ROW = 26;
    private static final int TOP = 44;

    private record Bar(String label, double value, boolean ours) {}

    private final String title;
    private final List<Bar> bars = new ArrayList<>();

    BarChart(String title) {
        this.title = title;
    }

    /** Adds a bar below the others. */
    void bar(String label, double value, boolean ours) {
        bars.add(new Bar(label, value, ours));
    }

    /** Writes the picture. */
    void write(Path file) throws IOException {
        double largest = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        int height = TOP + ROW * bars.size() + 12;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n"
                        + "<text x=\"12\" y=\"26\" font-size=\"15\" font-weight=\"bold\" fill=\"#222222\">%s</text>%n",
                WIDTH,
                height,
                escaped(title)));
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            int y = TOP + ROW * i;
            double length = bar.value() / largest * (WIDTH - LABELS - FIGURES);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#222222\">%s</text>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
                            + "<text x=\"%.1f\" y=\"%d\" fill=\"#222222\">%s</text>%n",
                    LABELS - 8,
                    y + 15,
                    escaped(bar.label()),
                    LABELS,
                    y + 1,
                    length,
                    ROW - 7,
                    bar.ours() ? "#c2410c" : "#94a3b8",
                    LABELS + length + 6,
                    y + 15,
                    figure(bar.value())));
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, svg.append("</svg>\n"));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
