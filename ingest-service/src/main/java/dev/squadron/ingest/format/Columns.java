package dev.squadron.ingest.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.record.Split;
import dev.squadron.ingest.domain.SourceException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns the rows of others into records. A column is named by a path, {@code meta.id} or {@code answers.text}; lists of texts and
 * of offsets, as Hugging Face's SQuAD has them, become answers. An answer that is a text alone gets its offset from the context.
 *
 * @param dataset the data set that the records go to
 * @param split the split of rows that name none; null: train
 * @param paths our field to their path
 */
record Columns(String dataset, Split split, Map<String, String> paths) {
    private static final List<String> FIELDS =
            List.of("id", "split", "question", "context", "answers", "is_impossible", "origin");
    private static final String TEXT = "answers.text";
    private static final String START = "answers.answer_start";

    /**
     * Checks the mapping.
     *
     * @throws SourceException naming the fields that there are not
     */
    Columns {
        Set<String> unknown = new TreeSet<>(paths.keySet());
        unknown.removeAll(FIELDS);
        unknown.removeAll(Set.of(TEXT, START));
        if (!unknown.isEmpty()) {
            throw new SourceException("The columns name the fields " + unknown + "; the fields are " + FIELDS + ", "
                    + TEXT + " and " + START + ".");
        }
    }

    /** Returns a row as the JSON of a record; what is missing stays missing, for the rules to judge. */
    JsonNode record(JsonNode row) {
        ObjectNode record = ContractJson.mapper().createObjectNode();
        record.put("dataset", dataset);
        for (String field : FIELDS) {
            JsonNode value = at(row, paths.getOrDefault(field, field));
            if (!value.isMissingNode() && !value.isNull()) {
                record.set(field, value);
            }
        }
        if (split != null && !record.has("split")) {
            record.put("split", split.label());
        }
        JsonNode texts = at(row, paths.getOrDefault(TEXT, TEXT));
        if (!texts.isMissingNode()) {
            record.set("answers", answers(texts, at(row, paths.getOrDefault(START, START))));
            if (texts.isEmpty() && texts.isArray() && !record.has("is_impossible")) {
                record.put("is_impossible", true);
            }
        }
        return record;
    }

    private static ArrayNode answers(JsonNode texts, JsonNode starts) {
        ArrayNode answers = ContractJson.mapper().createArrayNode();
        if (!texts.isArray()) {
            answer(answers, texts, starts);
        }
        for (int i = 0; i < texts.size(); i++) {
            answer(answers, texts.get(i), starts.path(i));
        }
        return answers;
    }

    private static void answer(ArrayNode answers, JsonNode text, JsonNode start) {
        ObjectNode answer = answers.addObject();
        answer.set("text", text);
        if (!start.isMissingNode()) {
            answer.set("answer_start", start);
        }
    }

    private static JsonNode at(JsonNode row, String path) {
        return row.at("/" + path.replace('.', '/'));
    }
}
