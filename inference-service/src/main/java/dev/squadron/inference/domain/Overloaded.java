package dev.squadron.inference.domain;

/** Too many questions wait already. */
public class Overloaded extends RuntimeException {
    private static final long serialVersionUID = 1;

    Overloaded(int waiting, int capacity) {
        super(waiting + " questions wait already and " + capacity + " may; ask again in a moment, or fewer at once.");
    }
}
