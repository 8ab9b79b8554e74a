package dev.squadron.contracts;

/** A message breaks the contract of its topic. The text names the field, the rule and the remedy. */
public class InvalidMessage extends Exception {
    private static final long serialVersionUID = 1;

    private final String rule;

    /**
     * @param rule name of the broken rule, in kebab case; lasting, fit for a metric's label
     * @param message a sentence for people
     */
    public InvalidMessage(String rule, String message) {
        super(message);
        this.rule = rule;
    }

    /** Returns the name of the broken rule, in kebab case. */
    public String rule() {
        return rule;
    }
}
