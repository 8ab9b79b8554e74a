package dev.squadron.contracts.run;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * YAML or JSON with the place of each key. Anchors, aliases and tags are refused, and so are numbers that
 * YAML 1.1, YAML 1.2 and JSON do not read alike.
 */
final class SourceText {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int MAX_BYTES = 65_536;
    private static final int MAX_DEPTH = 16;
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    private static final YAMLFactory YAML = new YAMLFactory();

    private final String source;
    private final String text;
    private final Map<String, JsonLocation> places = new HashMap<>();
    private JsonNode tree;

    private SourceText(String source, String text) {
        this.source = source;
        this.text = text;
    }

    /**
     * Reads one document.
     *
     * @param source what to call it in errors
     * @throws InvalidMessage {@code not-utf8}, or {@code bad-recipe} with line and column
     */
    static SourceText parse(byte[] utf8, String source) throws InvalidMessage {
        if (utf8.length > MAX_BYTES) {
            throw new InvalidMessage(
                    "bad-recipe",
                    source + " has " + utf8.length + " bytes and may have " + MAX_BYTES + "; shorten it.");
        }
        String decoded = ContractJson.decode(utf8);
        String text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.substring(1) : decoded;
        try {
            if (text.stripLeading().startsWith("{")) {
                try {
                    return new SourceText(source, text)
                            .read(ContractJson.mapper().createParser(text));
                } catch (JsonProcessingException e) {
                    return new SourceText(source, text).read(YAML.createParser(text));
                }
            }
            return new SourceText(source, text).read(YAML.createParser(text));
        } catch (JsonProcessingException e) {
            throw new InvalidMessage(
                    "bad-recipe",
                    source + at(e.getLocation()) + ": this is neither YAML nor JSON: " + problem(e) + ".");
        } catch (IOException e) {
            throw new IllegalStateException("Text in memory could not be read", e);
        }
    }

    private SourceText read(JsonParser opened) throws IOException, InvalidMessage {
        try (JsonParser parser = opened) {
            if (parser.nextToken() == null) {
                throw new InvalidMessage("bad-recipe", source + " is empty; write {} for nothing but defaults.");
            }
            tree = value(parser, "", 0);
            if (parser.nextToken() != null) {
                throw refusal(parser, "a second document begins; write one.");
            }
            return this;
        }
    }

    JsonNode tree() {
        return tree;
    }

    /** Returns the source with line and column of a dotted key, or of what is nearest to it. */
    String place(String key) {
        String nearest = key;
        while (!places.containsKey(nearest) && nearest.contains(".")) {
            nearest = nearest.substring(0, nearest.lastIndexOf('.'));
        }
        return source
                + Optional.ofNullable(places.get(nearest))
                        .or(() -> Optional.ofNullable(places.get("preset")))
                        .map(SourceText::at)
                        .orElse("");
    }

    private JsonNode value(JsonParser parser, String path, int depth) throws IOException, InvalidMessage {
        if (depth > MAX_DEPTH) {
            throw refusal(parser, "this is nested more than " + MAX_DEPTH + " deep; flatten it.");
        }
        if (isAlias(parser) || parser.getObjectId() != null || parser.getTypeId() != null) {
            throw refusal(parser, "anchors (&), aliases (*) and tags (!) are not read; write the value itself.");
        }
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path, depth);
            case START_ARRAY -> {
                ArrayNode array = nodes.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser, path, depth + 1));
                }
                yield array;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE, VALUE_FALSE -> nodes.booleanNode(parser.getBooleanValue());
            case VALUE_NULL -> nodes.nullNode();
            default ->
                parser.getText().isEmpty() && isLeftOut(parser) ? nodes.nullNode() : nodes.textNode(parser.getText());
        };
    }

    private ObjectNode object(JsonParser parser, String path, int depth) throws IOException, InvalidMessage {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (object.has(name)) {
                throw refusal(parser, name + " stands here for the second time; keep one.");
            }
            String key = path.isEmpty() ? name : path + "." + name;
            places.put(key, parser.currentTokenLocation());
            parser.nextToken();
            object.set(name, value(parser, key, depth + 1));
        }
        return object;
    }

    private JsonNode number(JsonParser parser) throws IOException, InvalidMessage {
        String digits = parser.getText();
        if (!DECIMAL.matcher(digits).matches()) {
            throw refusal(
                    parser,
                    "the number " + digits
                            + " has not the same meaning everywhere; write a plain decimal number, or put"
                            + " quotes around a text.");
        }
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
            return nodes.numberNode(new BigDecimal(digits).doubleValue());
        }
        BigInteger whole = new BigInteger(digits);
        return whole.bitLength() < Long.SIZE ? nodes.numberNode(whole.longValue()) : nodes.numberNode(whole);
    }

    private static boolean isAlias(JsonParser parser) {
        return parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
    }

    /** Returns whether a text is empty because nothing follows its key, which YAML reads as null. */
    private boolean isLeftOut(JsonParser parser) {
        if (!(parser instanceof YAMLParser)) {
            return false;
        }
        int offset =
                text.offsetByCodePoints(0, (int) parser.currentTokenLocation().getCharOffset());
        return offset == text.length() || "'\"|>".indexOf(text.charAt(offset)) < 0;
    }

    private InvalidMessage refusal(JsonParser parser, String why) {
        return new InvalidMessage("bad-recipe", source + at(parser.currentTokenLocation()) + ": " + why);
    }

    private static String at(JsonLocation place) {
        return place == null ? "" : ", line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    /** Returns what SnakeYAML found, without the context and the quoted lines around it. */
    private static String problem(JsonProcessingException e) {
        return e.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" ") && !line.startsWith("while "))
                .findFirst()
                .orElse("unreadable");
    }
}
