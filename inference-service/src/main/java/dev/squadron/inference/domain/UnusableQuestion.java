package dev.squadron.inference.domain;

import dev.squadron.contracts.InvalidMessage;

/** A question that the model cannot read. */
public class UnusableQuestion extends Exception {
    private static final long serialVersionUID = 1;

    private final int index;
    private final String rule;

    UnusableQuestion(int index, InvalidMessage why) {
        super(why.getMessage(), why);
        this.index = index;
        this.rule = why.rule();
    }

    /** Returns its place among the questions that were asked together, from 0. */
    public int index() {
        return index;
    }

    /** Returns the name of the broken rule, in kebab case. */
    public String rule() {
        return rule;
    }
}
