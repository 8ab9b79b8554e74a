package dev.squadron.tokenizer.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.text.prompt.QaPrompt;
import java.util.Arrays;

/** Turns a record into an example. */
public final class Tokenizing {
    private final QaPrompt prompt;

    /** Uses the model's prompt. */
    public Tokenizing(QaPrompt prompt) {
        this.prompt = prompt;
    }

    /**
     * Returns the example of a record; its label is the first answer, or the empty text where the question is impossible.
     *
     * @param partition where the record stands
     * @param offset where the record stands
     * @throws InvalidMessage when the question leaves no room for the context
     */
    public TokenExample example(QaRecord record, int partition, long offset) throws InvalidMessage {
        QaPrompt.Input input = prompt.input(record.question(), record.context());
        String label = record.impossible() ? "" : record.answers().get(0).text();
        TokenExample.Builder example = TokenExample.newBuilder()
                .setRecordId(record.id())
                .setPartition(partition)
                .setOffset(offset)
                .setImpossible(record.impossible());
        Arrays.stream(input.ids()).forEach(example::addInputIds);
        Arrays.stream(prompt.labels(label)).forEach(example::addLabelIds);
        if (record.split() == Split.VALIDATION) {
            record.answers().stream().map(Answer::text).forEach(example::addAnswers);
        }
        if (record.origin() != null) {
            example.addAllTechniques(record.origin().techniques());
        }
        return example.build();
    }
}
