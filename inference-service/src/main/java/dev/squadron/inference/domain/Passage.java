package dev.squadron.inference.domain;

import dev.squadron.text.prompt.ContextSpan;
import java.util.Optional;

/** Finds in passages what a model has said in its own spelling. */
final class Passage {
    private Passage() {}

    /**
     * Finds the first place where {@code answer} stands in {@code context}; where it does so nowhere to the letter, case and
     * the amount of white space don't count, since tokenizers fold the one and models mistake the other.
     */
    static Optional<ContextSpan> find(String answer, String context) {
        if (answer.isBlank()) {
            return Optional.empty();
        }
        String wanted = answer.strip();
        int exact = context.indexOf(wanted);
        if (exact >= 0) {
            return Optional.of(of(context, exact, exact + wanted.length()));
        }
        for (int from = 0; from < context.length(); from++) {
            int to = foldedMatch(wanted, context, from);
            if (to >= 0) {
                return Optional.of(of(context, from, to));
            }
        }
        return Optional.empty();
    }

    /** Returns where a match that begins at {@code from} ends, or -1; both are UTF-16 indices. */
    private static int foldedMatch(String wanted, String context, int from) {
        int i = 0;
        int at = from;
        while (i < wanted.length()) {
            if (at == context.length()) {
                return -1;
            }
            if (Character.isWhitespace(wanted.charAt(i)) && Character.isWhitespace(context.charAt(at))) {
                i = skipWhitespace(wanted, i);
                at = skipWhitespace(context, at);
            } else if (Character.toLowerCase(wanted.charAt(i)) == Character.toLowerCase(context.charAt(at))) {
                i++;
                at++;
            } else {
                return -1;
            }
        }
        return at;
    }

    private static int skipWhitespace(String text, int from) {
        int i = from;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static ContextSpan of(String context, int from, int to) {
        int start = context.codePointCount(0, from);
        return new ContextSpan(start, start + context.codePointCount(from, to), context.substring(from, to));
    }
}
