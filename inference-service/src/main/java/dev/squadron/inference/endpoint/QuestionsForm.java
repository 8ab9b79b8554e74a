package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.inference.domain.Question;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.Problem.FieldError;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.seq2seq.Decoding;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A request for answers: one question, an array of them, or an object with the array {@code items}; the reply has the same
 * form. {@code mode} and {@code parameters} stand beside a question, or beside {@code items} for all that have none of their own.
 *
 * @param shape the form
 * @param questions what is asked, in order
 */
record QuestionsForm(Shape shape, List<Question> questions) {

    enum Shape {
        ONE,
        ARRAY,
        ITEMS
    }

    /**
     * Reads a request.
     *
     * @param limit most questions
     * @param decodings reads how answers are to be searched
     * @throws ProblemException naming each field at fault, its rule and the remedy
     */
    static QuestionsForm read(JsonNode body, int limit, DecodingForm decodings) {
        if (body != null && body.isArray()) {
            return new QuestionsForm(Shape.ARRAY, all(body, "", limit, decodings, decodings.usual()));
        }
        if (body == null || !body.isObject()) {
            throw refused(new FieldError(
                    "", "The body must be an object with question and context, or an array of such objects."));
        }
        if (body.has("items")) {
            if (!body.get("items").isArray()) {
                throw refused(new FieldError("items", "items must be an array of objects with question and context."));
            }
            List<FieldError> errors = new ArrayList<>();
            Decoding forAll = decodings.read(body, "", decodings.usual(), errors);
            check(errors);
            return new QuestionsForm(Shape.ITEMS, all(body.get("items"), "items", limit, decodings, forAll));
        }
        List<FieldError> errors = new ArrayList<>();
        Question question = question(body, "", decodings, decodings.usual(), errors);
        check(errors);
        return new QuestionsForm(Shape.ONE, List.of(question));
    }

    /** Returns the path of a question in the request. */
    String path(int index) {
        return switch (shape) {
            case ONE -> "question";
            case ARRAY -> "[" + index + "].question";
            case ITEMS -> "items[" + index + "].question";
        };
    }

    static ProblemException refused(FieldError... errors) {
        return refused(List.of(errors));
    }

    private static ProblemException refused(List<FieldError> errors) {
        return new ProblemException(Problem.of(
                        422,
                        "invalid-field",
                        "The request cannot be used",
                        errors.stream().map(FieldError::detail).collect(Collectors.joining(" ")))
                .withErrors(errors));
    }

    private static List<Question> all(JsonNode array, String path, int limit, DecodingForm decodings, Decoding outer) {
        if (array.isEmpty() || array.size() > limit) {
            throw refused(new FieldError(
                    path,
                    "The request has " + array.size() + " questions and may have 1 to " + limit + "; send "
                            + (array.isEmpty() ? "at least one." : "several requests.")));
        }
        List<FieldError> errors = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String place = path + "[" + i + "]";
            if (array.get(i).isObject()) {
                questions.add(question(array.get(i), place + ".", decodings, outer, errors));
            } else {
                errors.add(new FieldError(place, place + " must be an object with question and context."));
            }
        }
        check(errors);
        return questions;
    }

    private static Question question(
            JsonNode json, String prefix, DecodingForm decodings, Decoding outer, List<FieldError> errors) {
        return new Question(
                text(json, "question", prefix, RecordLimits.MAX_QUESTION, errors),
                text(json, "context", prefix, RecordLimits.MAX_CONTEXT, errors),
                decodings.read(json, prefix, outer, errors));
    }

    /** Reads a text that must be there. */
    static String text(JsonNode json, String field, String prefix, int limit, List<FieldError> errors) {
        String path = prefix + field;
        JsonNode node = json.get(field);
        if (node == null || !node.isTextual()) {
            errors.add(new FieldError(path, path + " must be a string" + (node == null ? "; add it." : ".")));
            return "";
        }
        String text = node.textValue();
        int length = text.codePointCount(0, text.length());
        if (text.isBlank()) {
            errors.add(new FieldError(path, path + " is blank; fill it."));
        } else if (length > limit) {
            errors.add(new FieldError(
                    path, path + " has " + length + " characters and may have " + limit + "; shorten it."));
        } else if (text.codePoints().anyMatch(QuestionsForm::isNoCharacter)) {
            errors.add(new FieldError(path, path + " holds a NUL or half a surrogate pair; remove it."));
        }
        return text;
    }

    private static boolean isNoCharacter(int codePoint) {
        return codePoint == 0 || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    }

    /** Ends the request where there are errors. */
    static void check(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw refused(errors.subList(0, Math.min(errors.size(), 20)));
        }
    }
}
