package dev.squadron.inference.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.prompt.QaPrompt;

/** Asks as the trainer asked when it made its features. */
public record QaLanguage(QaPrompt prompt) implements Language {

    @Override
    public Prompt encode(Question question) throws InvalidMessage {
        QaPrompt.Input input = prompt.input(question.question(), question.context());
        return new Prompt(input.ids(), input.truncated(), input.context());
    }

    @Override
    public int[] labels(String answer) {
        return prompt.labels(answer);
    }

    @Override
    public String decode(int[] ids) {
        return prompt.tokenizer().decode(ids);
    }
}
