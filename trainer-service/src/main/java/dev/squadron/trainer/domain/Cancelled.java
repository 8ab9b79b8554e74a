package dev.squadron.trainer.domain;

/** A run was cancelled, or its service stops; what was saved stays. */
public class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1;

    Cancelled() {
        super("The run was stopped");
    }
}
