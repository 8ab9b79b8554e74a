package dev.squadron.text.squad;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.record.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Reads a SQuAD file, version 1.1 or 2.0, paragraph by paragraph: memory does not grow with the file.
 *
 * <p>What is missing in a question is left blank or, for an offset, −1: the rules for records judge it, and the questions behind
 * it are read all the same. Only what is no SQuAD file at all ends the reading.
 */
public final class SquadReader implements Iterator<SquadQuestion>, AutoCloseable {
    private static final ObjectReader READER =
            ContractJson.mapper().reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String name;
    private final JsonParser parser;
    private final Deque<SquadQuestion> waiting = new ArrayDeque<>();
    private boolean seenData;

    /**
     * Begins to read.
     *
     * @param name what errors call the file
     * @param in UTF-8 JSON; closed with the reader
     */
    public SquadReader(String name, InputStream in) throws IOException {
        this.name = name;
        this.parser = READER.createParser(in);
    }

    @Override
    public boolean hasNext() {
        try {
            while (waiting.isEmpty()) {
                if (!advance()) {
                    return false;
                }
            }
            return true;
        } catch (JsonProcessingException e) {
            throw new SquadFormatException(
                    name + " is not JSON: " + e.getOriginalMessage() + " (line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ").",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public SquadQuestion next() {
        if (!hasNext()) {
            throw new NoSuchElementException(name + " has no more questions");
        }
        return waiting.remove();
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    /** Reads on to the next paragraph and takes its questions; returns false at the end of the file. */
    private boolean advance() throws IOException {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.FIELD_NAME && parser.currentName().equals("data")) {
                seenData = true;
            }
            if (token == JsonToken.START_OBJECT && isIn("paragraphs")) {
                take(READER.readTree(parser));
                return true;
            }
        }
        if (!seenData) {
            throw new SquadFormatException(
                    name + " is no SQuAD file: it has no field “data”; a SQuAD file is"
                            + " {\"data\": [{\"paragraphs\": [{\"context\": …, \"qas\": […]}]}]}.",
                    null);
        }
        return false;
    }

    /** Returns whether the object that begins here is an element of the array of that name. */
    private boolean isIn(String array) {
        JsonStreamContext elements = parser.getParsingContext().getParent();
        return elements != null
                && elements.inArray()
                && array.equals(elements.getParent().getCurrentName());
    }

    private void take(JsonNode paragraph) {
        String context = paragraph.path("context").asText("");
        for (JsonNode qa : paragraph.path("qas")) {
            List<Answer> answers = new ArrayList<>();
            for (JsonNode answer : qa.path("answers")) {
                answers.add(new Answer(
                        answer.path("text").asText(""),
                        answer.path("answer_start").asInt(-1)));
            }
            waiting.add(new SquadQuestion(
                    qa.path("id").asText(""),
                    qa.path("question").asText(""),
                    context,
                    answers,
                    qa.path("is_impossible").asBoolean(false)));
        }
    }
}
