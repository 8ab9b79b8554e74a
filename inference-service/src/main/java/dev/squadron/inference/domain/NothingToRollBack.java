package dev.squadron.inference.domain;

/** A rollback was asked for, and no other head was live before. */
public class NothingToRollBack extends RuntimeException {
    private static final long serialVersionUID = 1;

    NothingToRollBack(String model) {
        super("No other head of " + model + " was live before this one; train one first.");
    }
}
