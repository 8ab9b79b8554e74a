package dev.squadron.seq2seq;

import dev.squadron.contracts.safetensors.TensorView;

/** Weights of a model under the names that transformers gives them: those of its files, or those with changes on top. */
public interface Weights {

    /** Returns whether there is a tensor of that name. */
    boolean has(String name);

    /**
     * Returns a tensor.
     *
     * @param shape the shape that it must have
     * @throws ModelException where it has another shape or is missing
     */
    TensorView tensor(String name, long... shape);

    /**
     * Checks that all of {@code names} are there.
     *
     * @throws ModelException naming all that are missing
     */
    void require(Iterable<String> names);

    /** Returns a SHA-256 of the weights, in hexadecimal: for files, that of the list of their names and SHA-256. It reads every byte. */
    String sha256();
}
