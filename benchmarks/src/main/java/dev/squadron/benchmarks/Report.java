package dev.squadron.benchmarks;

import dev.squadron.seq2seq.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table in Markdown, with the machine that it was measured on. */
public final class Report {
    private final List<String> notes = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    /** Begins a table. */
    public Report(String... columns) {
        row((Object[]) columns);
        lines.add("|" + "---|".repeat(columns.length));
    }

    /** Adds a row. */
    public void row(Object... cells) {
        StringBuilder line = new StringBuilder("|");
        for (Object cell : cells) {
            line.append(' ').append(cell).append(" |");
        }
        lines.add(line.toString());
    }

    /** Adds a sentence between the machine and the table. */
    public void note(String sentence) {
        notes.add(sentence);
    }

    /** Returns a figure with as many digits as it deserves. */
    public static String figure(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    @Override
    public String toString() {
        return machine() + "\n" + String.join("\n", notes) + (notes.isEmpty() ? "\n" : "\n\n")
                + String.join("\n", lines);
    }

    /**
     * Writes the table into a document, between the comments {@code <!-- name:begin -->} and {@code <!-- name:end -->}.
     *
     * @throws IOException where the document cannot be written or has no such place
     */
    public void write(Path document, String name) throws IOException {
        String text = Files.readString(document);
        String begin = "<!-- " + name + ":begin -->";
        String end = "<!-- " + name + ":end -->";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(document + " has no place " + begin + " … " + end + " for the table.");
        }
        Files.writeString(document, text.substring(0, from) + begin + "\n" + this + "\n" + text.substring(to));
    }

    private static String machine() {
        return String.format(
                Locale.ROOT,
                "%s: %d cores (%s, %s), %d GiB, Java %s.",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                processor(),
                Processor.hasBf16() ? "with bf16" : "without bf16",
                memoryGiB(),
                Runtime.version().feature());
    }

    private static String processor() {
        return first("/proc/cpuinfo", "model name", System.getProperty("os.arch"));
    }

    private static long memoryGiB() {
        String kilobytes = first("/proc/meminfo", "MemTotal", "0").replaceAll("[^0-9]", "");
        return Math.round(Long.parseLong(kilobytes) / 1048576.0);
    }

    private static String first(String file, String key, String otherwise) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
