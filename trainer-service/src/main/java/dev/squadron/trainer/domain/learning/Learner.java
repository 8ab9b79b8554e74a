package dev.squadron.trainer.domain.learning;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.training.StepResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What learns, with its examples and its optimiser: the head over stored features, or more of the model. One thread at a time. */
public interface Learner extends AutoCloseable {

    /** Returns how many examples there are to learn from; they have places from 0 on, in canonical order. */
    int examples();

    /** Returns the label tokens of an example. */
    int labelTokens(int example);

    /** Returns the tokens that a step over an example computes: of its label, and of its input where the backbone runs. */
    int tokens(int example);

    /**
     * Makes one update.
     *
     * @param batches the places of the examples of each mini-batch, whose gradients are put together
     */
    StepResult step(List<int[]> batches, double learningRate);

    /** Returns the mean loss a label token of the validation split, in nats. */
    double validationLoss();

    /** Returns the mean loss a label token of one example of the validation split, in nats. */
    double validationLoss(int example);

    /** Lends the model as it is now to {@code use}. */
    <T> T evaluate(Evaluation<T> use);

    /** Writes all that it remembers: with it, training goes on as if it had never stopped. */
    void save(Path file) throws IOException;

    /** Goes back to what {@link #save} wrote. */
    void restore(Path file) throws IOException;

    /** Writes the weights that learn, without the optimiser's slots. */
    void saveWeights(Path file) throws IOException;

    /** Takes over weights that {@link #saveWeights} wrote; of several, their mean. */
    void loadWeights(List<Path> files) throws IOException;

    /**
     * Writes what a checkpoint of this consists of into an empty folder.
     *
     * @return the name of the file whose SHA-256 names the checkpoint
     */
    String writeCheckpoint(Path folder) throws IOException;

    @Override
    void close();

    /** Something that is done with a model. */
    @FunctionalInterface
    interface Evaluation<T> {
        /** Uses the model, and keeps neither of the two. */
        T with(Seq2SeqModel model, Head head);
    }
}
