package dev.squadron.trainer.domain.learning;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.training.StepResult;
import java.io.IOException;
import java.nio.file.Path;

/** What learns, with its examples and its optimiser: the head over stored features, or more of the model. One thread at a time. */
public interface Learner extends AutoCloseable {

    /** Returns how many examples there are to learn from; they have places from 0 on, in canonical order. */
    int examples();

    /** Returns the label positions of an example. */
    int positions(int example);

    /**
     * Makes one update.
     *
     * @param examples the places of its examples
     */
    StepResult step(int[] examples, double learningRate);

    /** Returns the mean loss a label position of the validation split, in nats. */
    double validationLoss();

    /** Lends the model as it is now to {@code use}. */
    <T> T evaluate(Evaluation<T> use);

    /** Writes all that it remembers: with it, training goes on as if it had never stopped. */
    void save(Path file) throws IOException;

    /** Goes back to what {@link #save} wrote. */
    void restore(Path file) throws IOException;

    @Override
    void close();

    /** Something that is done with a model. */
    @FunctionalInterface
    interface Evaluation<T> {
        /** Uses the model, and keeps neither of the two. */
        T with(Seq2SeqModel model, Head head);
    }
}
