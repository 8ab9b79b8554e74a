package dev.squadron.trainer.domain;

import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.Threads;
import dev.squadron.trainer.domain.dataset.Dataset;
import dev.squadron.trainer.domain.learning.Learner;
import java.util.Optional;

/**
 * What can be learned from, opened: once for any number of learners.
 *
 * @param dataset the examples
 * @param parent of the checkpoint whose head a fold begins with
 * @param opening opens a learner over them
 */
record TrainingData(Dataset dataset, Optional<Manifest> parent, Opening opening) {

    /** Opens learners. */
    @FunctionalInterface
    interface Opening {
        Learner learner(Recipe recipe, Threads threads);
    }

    /**
     * Opens a learner that has learned nothing.
     *
     * @param recipe one that learns from such data
     * @param threads of its updates; any number gives the same
     */
    Learner learner(Recipe recipe, Threads threads) {
        return opening.learner(recipe, threads);
    }
}
