package dev.squadron.contracts.record;

import static dev.squadron.contracts.record.RecordLimits.MAX_ANSWER;
import static dev.squadron.contracts.record.RecordLimits.MAX_ANSWERS;
import static dev.squadron.contracts.record.RecordLimits.MAX_BYTES;
import static dev.squadron.contracts.record.RecordLimits.MAX_CONTEXT;
import static dev.squadron.contracts.record.RecordLimits.MAX_ID;
import static dev.squadron.contracts.record.RecordLimits.MAX_QUESTION;
import static dev.squadron.contracts.record.RecordLimits.MAX_TECHNIQUES;
import static dev.squadron.contracts.record.RecordLimits.TECHNIQUE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads, checks and writes records. Whoever takes a record in uses it, so that one set of rules holds everywhere. */
public final class QaRecordCodec {
    private QaRecordCodec() {}

    /** Returns the record as UTF-8 JSON. */
    public static byte[] write(QaRecord record) {
        return ContractJson.write(record);
    }

    /**
     * Reads a record from a message of the records topic and checks it.
     *
     * @throws InvalidMessage naming the broken rule: those of {@link ContractJson#readTree} and of {@link
     *     #check(QaRecord)}, {@code wrong-type}, {@code missing-field}, {@code unknown-split}
     */
    public static CheckedRecord read(byte[] utf8) throws InvalidMessage {
        if (utf8.length > MAX_BYTES) {
            throw new InvalidMessage(
                    "too-long",
                    "The record has " + utf8.length + " bytes and may have " + MAX_BYTES + "; shorten its context.");
        }
        JsonNode json = ContractJson.readTree(utf8);
        if (!json.isObject()) {
            throw new InvalidMessage(
                    "wrong-type",
                    "The record is a JSON " + json.getNodeType().name().toLowerCase(Locale.ROOT) + "; send an object.");
        }
        return check(new QaRecord(
                text(json, "dataset"),
                text(json, "id"),
                split(json),
                text(json, "question"),
                text(json, "context"),
                answers(json),
                flag(json, "is_impossible"),
                origin(json)));
    }

    /**
     * Checks a record made in memory. An answer that does not stand at its offset is mended when its text occurs exactly
     * once in the context.
     *
     * @throws InvalidMessage {@code bad-name}, {@code blank}, {@code too-long}, {@code invalid-text}, {@code no-answer},
     *     {@code answer-not-in-context}, {@code ambiguous-offset}, {@code bad-origin} or {@code augmented-validation}
     */
    public static CheckedRecord check(QaRecord record) throws InvalidMessage {
        checkNames(record);
        checkText("question", record.question(), MAX_QUESTION);
        checkText("context", record.context(), MAX_CONTEXT);
        if (record.answers().isEmpty() && !record.impossible()) {
            throw new InvalidMessage("no-answer", "The record has no answer; give one, or set is_impossible to true.");
        }
        if (!record.answers().isEmpty() && record.impossible()) {
            throw new InvalidMessage(
                    "no-answer", "The record is_impossible and has answers; drop the answers, or set it to false.");
        }
        if (record.answers().size() > MAX_ANSWERS) {
            throw new InvalidMessage(
                    "too-long",
                    "The record has " + record.answers().size() + " answers and may have " + MAX_ANSWERS + ".");
        }
        List<Answer> placed = new ArrayList<>();
        for (Answer answer : record.answers()) {
            if (answer.text().isBlank()) {
                throw new InvalidMessage("no-answer", "An answer of the record is blank; fill or drop it.");
            }
            checkText("answers.text", answer.text(), MAX_ANSWER);
            placed.add(place(answer, record.context()));
        }
        if (record.origin() != null) {
            checkOrigin(record);
        }
        return placed.equals(record.answers())
                ? new CheckedRecord(record, false)
                : new CheckedRecord(record.withContext(record.context(), placed), true);
    }

    private static void checkOrigin(QaRecord record) throws InvalidMessage {
        Origin origin = record.origin();
        if (origin.id().isBlank()
                || codePoints(origin.id()) > MAX_ID
                || origin.id().equals(record.id())
                || origin.techniques().isEmpty()
                || origin.techniques().size() > MAX_TECHNIQUES
                || !origin.techniques().stream()
                        .allMatch(technique -> TECHNIQUE.matcher(technique).matches())) {
            throw new InvalidMessage(
                    "bad-origin",
                    "The origin must name the id of another record and 1 to " + MAX_TECHNIQUES
                            + " techniques, each matching " + TECHNIQUE.pattern()
                            + "; drop it if nobody augmented the record.");
        }
        if (record.split() == Split.VALIDATION) {
            throw new InvalidMessage(
                    "augmented-validation",
                    "The record is augmented and belongs to the validation split, which only measures what people wrote;"
                            + " set its split to train.");
        }
    }

    private static void checkNames(QaRecord record) throws InvalidMessage {
        String dataset = record.dataset();
        if (!RecordLimits.DATASET.matcher(dataset).matches()) {
            throw new InvalidMessage(
                    dataset.length() > MAX_ID ? "too-long" : "bad-name",
                    "The dataset's name must match " + RecordLimits.DATASET.pattern() + ".");
        }
        String id = record.id();
        if (codePoints(id) > MAX_ID) {
            throw new InvalidMessage("too-long", "The id has more than " + MAX_ID + " characters; shorten it.");
        }
        checkUnicode("id", id);
        if (id.isBlank() || id.codePoints().anyMatch(Character::isISOControl)) {
            throw new InvalidMessage("bad-name", "The id is blank or holds control characters; use a printable one.");
        }
    }

    private static void checkText(String field, String text, int limit) throws InvalidMessage {
        if (text.isBlank()) {
            throw new InvalidMessage("blank", "The field " + field + " is blank; fill it.");
        }
        if (codePoints(text) > limit) {
            throw new InvalidMessage(
                    "too-long",
                    "The field " + field + " has " + codePoints(text) + " characters and may have " + limit
                            + "; shorten it.");
        }
        checkUnicode(field, text);
    }

    private static void checkUnicode(String field, String text) throws InvalidMessage {
        boolean invalid = text.codePoints()
                .anyMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
        if (invalid) {
            throw new InvalidMessage(
                    "invalid-text", "The field " + field + " holds a NUL or half a surrogate pair; remove it.");
        }
    }

    private static Answer place(Answer answer, String context) throws InvalidMessage {
        if (standsAt(answer, context)) {
            return answer;
        }
        int first = context.indexOf(answer.text());
        if (first < 0) {
            throw new InvalidMessage(
                    "answer-not-in-context",
                    "The answer “" + clip(answer.text()) + "” does not stand in the context; quote it literally.");
        }
        if (context.indexOf(answer.text(), first + 1) >= 0) {
            throw new InvalidMessage(
                    "ambiguous-offset",
                    "The answer “" + clip(answer.text()) + "” does not stand at answer_start " + answer.answerStart()
                            + " and occurs more than once; count answer_start in code points.");
        }
        return new Answer(answer.text(), context.codePointCount(0, first));
    }

    private static boolean standsAt(Answer answer, String context) {
        if (answer.answerStart() < 0 || answer.answerStart() > codePoints(context)) {
            return false;
        }
        return context.startsWith(answer.text(), context.offsetByCodePoints(0, answer.answerStart()));
    }

    private static Split split(JsonNode json) throws InvalidMessage {
        if (isAbsent(json.get("split"))) {
            return Split.TRAIN;
        }
        String label = text(json, "split");
        return Split.of(label)
                .orElseThrow(() -> new InvalidMessage(
                        "unknown-split", "The split “" + clip(label) + "” is unknown; use train or validation."));
    }

    private static List<Answer> answers(JsonNode json) throws InvalidMessage {
        JsonNode array = json.get("answers");
        if (isAbsent(array)) {
            return List.of();
        }
        if (!array.isArray()) {
            throw wrongType("answers", "an array");
        }
        List<Answer> answers = new ArrayList<>();
        for (JsonNode answer : array) {
            if (!answer.isObject()) {
                throw wrongType("answers", "an array of objects with text and answer_start");
            }
            answers.add(new Answer(text(answer, "text"), start(answer)));
        }
        return answers;
    }

    private static Origin origin(JsonNode json) throws InvalidMessage {
        JsonNode origin = json.get("origin");
        if (isAbsent(origin)) {
            return null;
        }
        if (!origin.isObject() || !origin.path("techniques").isArray()) {
            throw wrongType("origin", "an object with id and an array of techniques");
        }
        List<String> techniques = new ArrayList<>();
        for (JsonNode technique : origin.get("techniques")) {
            if (!technique.isTextual()) {
                throw wrongType("origin.techniques", "an array of strings");
            }
            techniques.add(technique.textValue());
        }
        JsonNode seed = origin.get("seed");
        JsonNode copy = origin.get("copy");
        if ((!isAbsent(seed) && !seed.canConvertToLong()) || (!isAbsent(copy) && !copy.canConvertToInt())) {
            throw wrongType("origin", "an object whose seed and copy are whole numbers");
        }
        return new Origin(
                text(origin, "id"),
                techniques,
                isAbsent(seed) ? null : seed.longValue(),
                isAbsent(copy) ? null : copy.intValue());
    }

    private static int start(JsonNode answer) throws InvalidMessage {
        JsonNode start = answer.get("answer_start");
        if (isAbsent(start)) {
            return -1;
        }
        if (!start.isIntegralNumber()) {
            throw wrongType("answer_start", "a whole number");
        }
        return start.canConvertToInt() ? start.intValue() : -1;
    }

    private static String text(JsonNode json, String field) throws InvalidMessage {
        JsonNode node = json.get(field);
        if (node == null) {
            throw new InvalidMessage("missing-field", "The field " + field + " is missing; add it.");
        }
        if (!node.isTextual()) {
            throw wrongType(field, "a string");
        }
        return node.textValue();
    }

    private static boolean flag(JsonNode json, String field) throws InvalidMessage {
        JsonNode node = json.get(field);
        if (isAbsent(node)) {
            return false;
        }
        if (!node.isBoolean()) {
            throw wrongType(field, "true or false");
        }
        return node.booleanValue();
    }

    private static boolean isAbsent(JsonNode node) {
        return node == null || node.isNull();
    }

    private static InvalidMessage wrongType(String field, String wanted) {
        return new InvalidMessage("wrong-type", "The field " + field + " must be " + wanted + ".");
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String clip(String text) {
        return codePoints(text) <= 40 ? text : text.substring(0, text.offsetByCodePoints(0, 40)) + "…";
    }
}
