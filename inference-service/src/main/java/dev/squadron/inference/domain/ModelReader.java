package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.generation.Output;
import java.util.List;

/** A backbone and a head of it. */
final class ModelReader implements Reader {
    private final Seq2SeqModel model;
    private final Head head;
    private final AutoCloseable own;

    private ModelReader(Seq2SeqModel model, Head head, AutoCloseable own) {
        this.model = model;
        this.head = head;
        this.own = own;
        try {
            model.prepare(head);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns a reader that closes the head with itself, unless it is the model's own, and never the model. */
    static Reader shared(Seq2SeqModel model, Head head) {
        return new ModelReader(model, head, head == model.pretrainedHead() ? () -> {} : head);
    }

    /** Returns a reader with a model's own head, that closes the model with itself. */
    static Reader owned(Seq2SeqModel model) {
        return new ModelReader(model, model.pretrainedHead(), model);
    }

    @Override
    public List<List<Output>> read(List<Prompt> prompts, Decoding decoding) {
        return model.answer(
                prompts.stream().map(Prompt::ids).toArray(int[][]::new),
                prompts.stream().map(Prompt::passage).toList(),
                head,
                decoding);
    }

    @Override
    public void close() {
        try {
            own.close();
        } catch (Exception e) {
            throw new IllegalStateException("The model's memory could not be given back", e);
        }
    }
}
