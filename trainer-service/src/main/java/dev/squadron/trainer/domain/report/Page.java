package dev.squadron.trainer.domain.report;

import static dev.squadron.trainer.domain.report.Html.attributes;
import static dev.squadron.trainer.domain.report.Html.element;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A page that needs nothing but itself: no script, no picture, no style from elsewhere, and its policy forbids them. It is dark
 * where its reader's system is.
 */
public final class Page {
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";
    private static final Html STYLE = Html.style(resource("page.css"));

    private Page() {}

    /** Returns a section below a title. */
    public static Html section(String title, Html... content) {
        return element("section", element("h2", title), Html.all(List.of(content)));
    }

    /**
     * Returns the whole page as UTF-8.
     *
     * @param title its title
     * @param sections what stands below it
     */
    public static byte[] write(String title, List<Html> sections) {
        Html head = element(
                "head",
                element("meta", attributes("charset", "utf-8")),
                element("meta", attributes("name", "viewport", "content", "width=device-width, initial-scale=1")),
                element("meta", attributes("name", "color-scheme", "content", "light dark")),
                element("meta", attributes("http-equiv", "Content-Security-Policy", "content", POLICY)),
                element("title", title),
                STYLE);
        Html body = element("body", element("h1", title), element("main", Html.all(sections)));
        return ("<!doctype html>\n" + element("html", attributes("lang", "en"), head, body) + "\n").getBytes(UTF_8);
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The resource " + name + " cannot be read", e);
        }
    }
}
