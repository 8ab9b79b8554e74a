package dev.squadron.inference.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.contracts.record.Split;
import java.util.List;

/** A correction: a record of which data set, id and the answer's place may be left out. */
final class FeedbackForm {
    /** The data set of corrections that name none. */
    static final String DATASET = "feedback";

    private static final List<String> TAKEN_OVER =
            List.of("dataset", "id", "question", "context", "answers", "is_impossible");

    private FeedbackForm() {}

    /**
     * Reads a correction. Without an id, the same question about the same passage has the same one, so that a later correction of
     * it takes the place of the earlier one.
     *
     * @throws InvalidMessage naming the rule that the record breaks
     */
    static QaRecord read(JsonNode body) throws InvalidMessage {
        if (body == null || !body.isObject()) {
            throw new InvalidMessage("wrong-type", "The body must be an object with question, context and answer.");
        }
        ObjectNode record = ContractJson.mapper().createObjectNode();
        record.put("dataset", DATASET);
        record.put("id", idOf(body));
        record.put("split", Split.TRAIN.label());
        TAKEN_OVER.stream().filter(body::hasNonNull).forEach(field -> record.set(field, body.get(field)));
        if (body.hasNonNull("answer")) {
            if (body.hasNonNull("answers")) {
                throw new InvalidMessage("wrong-type", "The correction has answer and answers; give one of them.");
            }
            record.putArray("answers").addObject().set("text", body.get("answer"));
            placeFirst(record);
        }
        return QaRecordCodec.read(ContractJson.write(record)).record();
    }

    private static String idOf(JsonNode body) {
        String asked =
                body.path("question").asText() + "\n" + body.path("context").asText();
        return Sha256.of(asked.getBytes(UTF_8)).substring(0, 32);
    }

    /** An answer without a place is the first one of these words. */
    private static void placeFirst(ObjectNode record) {
        String context = record.path("context").asText();
        int first = context.indexOf(record.at("/answers/0/text").asText());
        if (first >= 0) {
            ((ObjectNode) record.at("/answers/0")).put("answer_start", context.codePointCount(0, first));
        }
    }
}
