package dev.squadron.trainer.domain.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A piece of a page. What is no {@code Html} is text and escaped where it is put in, so no record's words become markup. */
public final class Html {
    private static final Set<String> WITHOUT_END = Set.of("meta");

    private final String markup;

    private Html(String markup) {
        this.markup = markup;
    }

    /** Returns an element around its content: pieces as they are, everything else as text, numbers as {@link Figure} has them. */
    public static Html element(String tag, Object... content) {
        return element(tag, Map.of(), content);
    }

    /** Returns an element with attributes, in the order of the map. */
    public static Html element(String tag, Map<String, ?> attributes, Object... content) {
        StringBuilder markup = new StringBuilder("<").append(tag);
        attributes.forEach((name, value) -> markup.append(' ')
                .append(name)
                .append("=\"")
                .append(escaped(text(value)))
                .append('"'));
        markup.append('>');
        for (Object each : content) {
            markup.append(each instanceof Html piece ? piece.markup : escaped(text(each)));
        }
        if (!WITHOUT_END.contains(tag)) {
            markup.append("</").append(tag).append('>');
        }
        return new Html(markup.toString());
    }

    /** Returns pieces one after another. */
    public static Html all(List<Html> pieces) {
        StringBuilder markup = new StringBuilder();
        pieces.forEach(piece -> markup.append(piece.markup).append('\n'));
        return new Html(markup.toString());
    }

    /** Returns the words as a style sheet, which is not escaped. */
    static Html style(String css) {
        return new Html("<style>" + css + "</style>");
    }

    /** Returns names and values beside each other. */
    public static Html facts(Map<String, ?> facts) {
        return element(
                "dl",
                facts.entrySet().stream()
                        .map(fact -> element("div", element("dt", fact.getKey()), element("dd", fact.getValue())))
                        .toArray());
    }

    /**
     * Returns a table.
     *
     * @param columns their titles
     * @param rows a value for each column; numbers stand to the right
     */
    public static Html table(List<String> columns, List<? extends List<?>> rows) {
        Object[] head = new Object[columns.size()];
        for (int i = 0; i < head.length; i++) {
            head[i] = cell("th", rows.isEmpty() ? "" : rows.get(0).get(i), columns.get(i));
        }
        return element(
                "div",
                Map.of("class", "table"),
                element(
                        "table",
                        element("thead", element("tr", head)),
                        element(
                                "tbody",
                                rows.stream()
                                        .map(row -> element(
                                                "tr",
                                                row.stream()
                                                        .map(value -> cell("td", value, value))
                                                        .toArray()))
                                        .toArray())));
    }

    private static Html cell(String tag, Object kind, Object value) {
        return element(tag, kind instanceof Number ? Map.of("class", "number") : Map.of(), value);
    }

    /** Returns attributes in the order in which they are given: names and values in turn. */
    static Map<String, Object> attributes(Object... namesAndValues) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            attributes.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return attributes;
    }

    private static String text(Object value) {
        return value instanceof Number number ? Figure.of(number) : String.valueOf(value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    @Override
    public String toString() {
        return markup;
    }
}
