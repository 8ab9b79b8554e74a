package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.List;

/** A backbone and a head of it. */
final class ModelReader implements Reader {
    private final Seq2SeqModel model;
    private final Head head;
    private final GenerationConfig rules;

    ModelReader(Seq2SeqModel model, Head head, GenerationConfig rules) {
        this.model = model;
        this.head = head;
        this.rules = rules;
    }

    @Override
    public List<Generated> generate(List<Prompt> prompts) {
        return model.generate(prompts.stream().map(Prompt::ids).toArray(int[][]::new), head, rules);
    }

    @Override
    public void close() {
        if (head != model.pretrainedHead()) {
            head.close();
        }
    }
}
