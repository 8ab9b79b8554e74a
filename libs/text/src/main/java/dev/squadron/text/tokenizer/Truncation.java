package dev.squadron.text.tokenizer;

/** What gives way when a text is too long; as in transformers. Added special tokens always stay; where
 * they alone are too many, nothing is cut. */
public enum Truncation {
    /** Nothing: the text keeps its length. */
    NONE {
        @Override
        public Encoding apply(Encoding encoding, int maxLength) {
            return encoding;
        }
    },
    /** The longer text first, down to the length of the other. */
    LONGEST_FIRST {
        @Override
        public Encoding apply(Encoding encoding, int maxLength) {
            int first = encoding.count(0);
            int second = encoding.count(1);
            int room = maxLength - (encoding.length() - first - second);
            if (first + second <= room || room < 0) {
                return encoding;
            }
            int shorter = Math.min(first, second);
            int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
            if (shorter + longer > room) {
                shorter = room / 2;
                longer = shorter + room % 2;
            }
            return first > second ? encoding.keep(longer, shorter) : encoding.keep(shorter, longer);
        }
    },
    /** The second text alone. */
    ONLY_SECOND {
        @Override
        public Encoding apply(Encoding encoding, int maxLength) {
            int first = encoding.count(0);
            int second = encoding.count(1);
            int room = maxLength - (encoding.length() - first - second) - first;
            if (second <= room) {
                return encoding;
            }
            if (room <= 0) {
                throw new IllegalArgumentException("The first text has " + first
                        + " tokens and leaves no room for the second within " + maxLength + "; shorten it.");
            }
            return encoding.keep(first, room);
        }
    };

    /** Shortens {@code encoding} to {@code maxLength} tokens, the added ones included. */
    public abstract Encoding apply(Encoding encoding, int maxLength);
}
