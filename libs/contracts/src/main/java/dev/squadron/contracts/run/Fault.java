package dev.squadron.contracts.run;

/** A value that cannot be used. The message names the key, the value, the rule and the remedy. */
final class Fault extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String key;
    private final String text;

    /**
     * @param key dotted, from the object that is read; empty: the object itself
     * @param text what follows the key in a sentence
     */
    Fault(String key, String text) {
        super(key + " " + text);
        this.key = key;
        this.text = text;
    }

    /** Refuses a value that is not what is allowed. */
    static void require(boolean holds, String key, Object value, String allowed) {
        if (!holds) {
            throw new Fault(key, "is " + value + "; it must be " + allowed + ".");
        }
    }

    /** Refuses a key or a value that does not fit the others. */
    static void refuse(boolean impossible, String key, String text) {
        if (impossible) {
            throw new Fault(key, text);
        }
    }

    /** Returns the same fault, seen from the object that holds {@code path}. */
    Fault under(String path) {
        return path.isEmpty() ? this : new Fault(key.isEmpty() ? path : path + "." + key, text);
    }

    String key() {
        return key;
    }
}
