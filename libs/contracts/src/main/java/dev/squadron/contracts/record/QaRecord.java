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
 */
public record QaRecord(
        String dataset,
        String id,
        Split split,
        String question,
        String context,
        List<Answer> answers,
        @JsonProperty("is_impossible") boolean impossible) {

    public QaRecord {
        answers = List.copyOf(answers);
    }

    /** Returns the key of the message, {@code dataset/id}. */
    public String key() {
        return dataset + "/" + id;
    }
}
