package dev.squadron.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.squadron.contracts.ContractJson;
import java.io.PrintStream;
import java.util.Locale;

/** Talks to the person, or the program, before the terminal: results on the one stream, the story on the other. */
public final class Console {
    private static final int WIDTH = 28;

    private final PrintStream out;
    private final PrintStream story;
    private final int columns;
    private boolean barOpen;

    /**
     * Talks through two streams.
     *
     * @param out takes results
     * @param story takes everything else
     * @param columns of the terminal that {@code story} can draw over its last line of; 0 where it cannot
     */
    public Console(PrintStream out, PrintStream story, int columns) {
        this.out = out;
        this.story = story;
        this.columns = columns;
    }

    /** Returns the console of this process; with {@code json}, the story goes to the error stream. */
    public static Console system(boolean json) {
        return new Console(System.out, json ? System.err : System.out, Integer.getInteger("squadron.columns", 0));
    }

    /** Prints a result. */
    public void result(String text) {
        closeBar();
        out.println(text);
    }

    /** Prints a result as JSON. */
    public void json(Object value) {
        closeBar();
        try {
            out.println(ContractJson.mapper()
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new CliException("The result cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Tells a line of the story. */
    public void say(String format, Object... values) {
        closeBar();
        story.println(String.format(Locale.ROOT, format, values));
    }

    /**
     * Draws a bar over the last one, cut at the terminal's edge; where nothing can be drawn over, nothing is.
     *
     * @param fraction how much is done, 0 to 1
     */
    public void bar(String label, double fraction, String detail) {
        if (columns == 0) {
            return;
        }
        int full = (int) Math.round(WIDTH * Math.max(0, Math.min(1, fraction)));
        String line = String.format(
                Locale.ROOT,
                "  %-12s %s%s %3.0f %%  %s",
                label,
                "█".repeat(full),
                "░".repeat(WIDTH - full),
                100 * fraction,
                detail);
        story.print("\r" + line.substring(0, Math.min(line.length(), columns - 1)) + "\u001b[K");
        story.flush();
        barOpen = true;
    }

    private void closeBar() {
        if (barOpen) {
            story.print("\r\u001b[K");
            barOpen = false;
        }
    }
}
