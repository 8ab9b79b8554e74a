package dev.squadron.inference.domain;

import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.generation.Output;
import java.util.List;

/** The model with one head in place. Several threads may read at once; nobody does after {@link #close()}. */
public interface Reader extends AutoCloseable {

    /** Returns what the model answers to each prompt, in their order, as many answers as are asked for, at least one. */
    List<List<Output>> read(List<Prompt> prompts, Decoding decoding);

    /** Gives the memory back that no other reader shares. */
    @Override
    void close();
}
