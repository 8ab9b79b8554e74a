package dev.squadron.inference.domain;

/** The service is about to stop and admits no more questions. */
public class Draining extends RuntimeException {
    private static final long serialVersionUID = 1;

    Draining() {
        super("This instance is about to stop; ask another one, or this one again after its restart.");
    }
}
