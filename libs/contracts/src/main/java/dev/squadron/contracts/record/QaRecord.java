package dev.squadron.contracts.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A question about a passage, with its answers: what {@code squadron.records.v1} carries.
 *
 * @param dataset the data set that it belongs to
 * @param id unique within the data set
 * @param split what it is for
 * @param question the question
 * @param context the passage that answers it
 * @param answers reference answers, the first one being the label; empty where {@code impossible}
 * @param impossible whether the passage does not answer the question (SQuAD 2.0)
 * @param origin what it was made from; null for a record that somebody wrote
 */
public record QaRecord(
        String dataset,
        String id,
        Split split,
        String question,
        String context,
        List<Answer> answers,
        @JsonProperty("is_impossible") boolean impossible,
        Origin origin) {

    public QaRecord {
        answers = List.copyOf(answers);
    }

    /** Makes a record that somebody wrote. */
    public QaRecord(
            String dataset,
            String id,
            Split split,
            String question,
            String context,
            List<Answer> answers,
            boolean impossible) {
        this(dataset, id, split, question, context, answers, impossible, null);
    }

    /** Returns the record with another question. */
    public QaRecord withQuestion(String other) {
        return new QaRecord(dataset, id, split, other, context, answers, impossible, origin);
    }

    /** Returns the record with another context, and its answers where they stand there. */
    public QaRecord withContext(String other, List<Answer> placed) {
        return new QaRecord(dataset, id, split, question, other, placed, impossible, origin);
    }

    /** Returns the record as a copy under an id of its own, made from {@code source}. */
    public QaRecord madeFrom(Origin source, String copyId) {
        return new QaRecord(dataset, copyId, split, question, context, answers, impossible, source);
    }

    /** Returns the key of the message, {@code dataset/id}. */
    public String key() {
        return dataset + "/" + id;
    }
}
