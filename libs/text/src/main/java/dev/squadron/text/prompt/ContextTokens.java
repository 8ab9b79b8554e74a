package dev.squadron.text.prompt;

import dev.squadron.text.tokenizer.Encoding;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of a context as an input has them, and where each stands in the text: what quotations are made of. A tokenizer
 * normalises: several tokens can stand for one character, white space is folded, an accent joins its letter. Offsets are those
 * of the text as it came.
 */
public final class ContextTokens {
    private static final int ZERO_WIDTH_SPACE = 0x200B;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final int[] context;
    private final int[] ids;
    private final int[] starts;
    private final int[] ends;
    private final BitSet special = new BitSet();
    private final BitSet boundaries = new BitSet();

    /**
     * @param input the whole prompt, not truncated; the context is the end of it
     * @param before code points of the prompt before the context
     * @param context the context
     * @param kept tokens of the prompt that the input has before the added ones at its end
     * @param specialIds tokens that are no text, even where they stand in one
     */
    static ContextTokens of(Encoding input, String before, String context, int kept, Set<Integer> specialIds) {
        int words = length(before.stripTrailing());
        int first = 0;
        while (first < input.length() && (isAdded(input, first) || input.ends()[first] <= words)) {
            first++;
        }
        int end = first;
        while (end < input.length() && !isAdded(input, end)) {
            end++;
        }
        return new ContextTokens(
                context.codePoints().toArray(),
                Arrays.copyOfRange(input.ids(), first, end),
                shifted(input.starts(), first, end, before),
                shifted(input.ends(), first, end, before),
                Math.max(0, Math.min(end, kept) - first),
                specialIds);
    }

    private ContextTokens(int[] context, int[] ids, int[] starts, int[] ends, int kept, Set<Integer> specialIds) {
        this.context = context;
        this.ids = Arrays.copyOf(ids, kept);
        this.starts = starts;
        this.ends = ends;
        for (int i = 0; i < ids.length; i++) {
            int next = i + 1 < ids.length ? starts[i + 1] : context.length;
            while (ends[i] < next && isMark(context[ends[i]])) {
                ends[i]++;
            }
        }
        for (int i = 0; i <= kept; i++) {
            boundaries.set(i, i == 0 || i == ids.length || starts[i] >= ends[i - 1]);
            special.set(i, i < kept && specialIds.contains(ids[i]));
        }
    }

    /** Returns the number of tokens. */
    public int length() {
        return ids.length;
    }

    /** Returns a token. */
    public int id(int token) {
        return ids[token];
    }

    /** Returns whether a token is no text, like {@code </s>}; no quotation goes over it. */
    public boolean isSpecial(int token) {
        return special.get(token);
    }

    /** Returns whether a quotation may begin with {@code token}, or end before it: no character has tokens on both sides. */
    public boolean isBoundary(int token) {
        return boundaries.get(token);
    }

    /** Returns whether a token stands for white space alone. */
    public boolean isBlank(int token) {
        return span(token, token + 1).isEmpty();
    }

    /**
     * Returns what tokens stand for, without the white space around it; empty where there is nothing else.
     *
     * @param first the first token
     * @param end the token behind the last
     */
    public Optional<ContextSpan> span(int first, int end) {
        if (first >= end) {
            return Optional.empty();
        }
        int from = starts[first];
        int to = ends[end - 1];
        while (from < to && isBlankCharacter(context[from])) {
            from++;
        }
        while (to > from && isBlankCharacter(context[to - 1])) {
            to--;
        }
        return from == to
                ? Optional.empty()
                : Optional.of(new ContextSpan(from, to, new String(context, from, to - from)));
    }

    /**
     * Returns what stands at the first place where some tokens do, as far as a quotation may begin and end there; empty where they do so
     * nowhere.
     */
    public Optional<ContextSpan> find(int[] some) {
        for (int first = 0; first + some.length <= ids.length; first++) {
            int end = first + some.length;
            if (isBoundary(first) && isBoundary(end) && Arrays.equals(ids, first, end, some, 0, some.length)) {
                return span(first, end);
            }
        }
        return Optional.empty();
    }

    private static boolean isAdded(Encoding input, int token) {
        return input.sequenceIds()[token] == Encoding.ADDED;
    }

    private static int[] shifted(int[] offsets, int first, int end, String before) {
        int begin = length(before);
        return Arrays.stream(offsets, first, end)
                .map(offset -> Math.max(0, offset - begin))
                .toArray();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Returns whether a character belongs to the one before it, as an accent does. */
    private static boolean isMark(int character) {
        int type = Character.getType(character);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }

    /** Returns whether tokenizers take a character for a space or for nothing. */
    private static boolean isBlankCharacter(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.isISOControl(character)
                || character == ZERO_WIDTH_SPACE
                || character == BYTE_ORDER_MARK;
    }
}
