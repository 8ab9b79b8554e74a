package dev.squadron.trainer.domain.dataset;

/** A data set cannot be learned from, because not all of it is there. */
public class IncompleteDataset extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what is missing.
     *
     * @param message names the data set and what is missing, and says what to do
     */
    public IncompleteDataset(String message) {
        super(message);
    }
}
