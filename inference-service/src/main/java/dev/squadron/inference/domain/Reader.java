package dev.squadron.inference.domain;

import dev.squadron.seq2seq.generation.Generated;
import java.util.List;

/** The model with one head in place. Several threads may generate at once; nobody does after {@link #close()}. */
public interface Reader extends AutoCloseable {

    /** Returns what the model writes for each prompt, in their order. */
    List<Generated> generate(List<Prompt> prompts);

    /** Gives the head's memory back; the model itself stays. */
    @Override
    void close();
}
