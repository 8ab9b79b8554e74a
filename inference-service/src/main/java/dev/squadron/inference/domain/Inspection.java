package dev.squadron.inference.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.Seq2SeqModel;
import java.util.List;
import java.util.Optional;

/** Looks into the model while it reads a question and writes an answer. Thread-safe. */
public final class Inspection {
    private final Seq2SeqModel model;
    private final Language language;
    private final LiveHead live;

    /** @param live finds the answer where none is given */
    public Inspection(Seq2SeqModel model, Language language, LiveHead live) {
        this.model = model;
        this.language = language;
        this.live = live;
    }

    /** Returns the names of what can be looked at. */
    public List<String> taps() {
        return model.taps();
    }

    /**
     * Returns hidden states, [length, d_model], or attention, [heads, queries, keys].
     *
     * @param tap one of {@link #taps}
     * @param answer what the decoder is made to write; empty: what it answers
     * @throws UnusableQuestion if the model cannot read it
     */
    public TensorView look(String tap, Question question, Optional<String> answer) throws UnusableQuestion {
        try {
            Prompt prompt = language.encode(question);
            int[] labels = answer.isPresent() ? language.labels(answer.get()) : answered(prompt, question);
            return model.tap(tap, prompt.ids(), labels);
        } catch (InvalidMessage e) {
            throw new UnusableQuestion(0, e);
        }
    }

    private int[] answered(Prompt prompt, Question question) {
        try (LiveHead.Pin pin = live.pin()) {
            return pin.head()
                    .reader()
                    .read(List.of(prompt), question.decoding())
                    .get(0)
                    .get(0)
                    .generated()
                    .ids();
        }
    }
}
