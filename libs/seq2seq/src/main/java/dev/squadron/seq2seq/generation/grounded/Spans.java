package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.text.prompt.ContextTokens;
import java.util.stream.IntStream;

/** What can be quoted of a context: runs of its tokens, not too long, that split no character and are not blank. */
final class Spans {
    /** Stands for a token that the context has not. */
    private static final int NONE = Integer.MAX_VALUE;

    private final ContextTokens context;
    private final int longest;

    /** The first token from each on, itself included, before which a span may end; [length + 1]. */
    private final int[] nextBoundary;

    /** The first token from each on, itself included, that is not blank; [length + 1]. */
    private final int[] nextWord;

    /** @param longest most tokens of a span */
    Spans(ContextTokens context, int longest) {
        this.context = context;
        this.longest = longest;
        int length = context.length();
        nextBoundary = new int[length + 1];
        nextWord = new int[length + 1];
        for (int token = length; token >= 0; token--) {
            boolean stops = token == length || context.isSpecial(token);
            nextWord[token] = stops ? NONE : context.isBlank(token) ? nextWord[token + 1] : token;
            nextBoundary[token] = context.isBoundary(token) ? token : stops ? NONE : nextBoundary[token + 1];
        }
    }

    ContextTokens context() {
        return context;
    }

    /** Returns the most tokens of a span. */
    int longest() {
        return longest;
    }

    /** Returns the tokens with which a span may begin. */
    int[] beginnings() {
        return IntStream.range(0, context.length())
                .filter(token -> context.isBoundary(token) && reaches(token, token))
                .toArray();
    }

    /** Returns whether the tokens from {@code first} to before {@code end} are a span or the beginning of one. */
    boolean reaches(int first, int end) {
        int next = nextEnd(first, end);
        return next != NONE && next - first <= longest;
    }

    /** Returns the first token at or after {@code end} before which a span from {@code first} on may end. */
    int nextEnd(int first, int end) {
        int word = nextWord[first];
        return word == NONE ? NONE : nextBoundary[Math.max(end, word + 1)];
    }
}
