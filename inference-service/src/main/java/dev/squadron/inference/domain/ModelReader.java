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

    ModelReader(Seq2SeqModel model, Head head) {
        this.model = model;
        this.head = head;
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
        if (head != model.pretrainedHead()) {
            head.close();
        }
    }
}
