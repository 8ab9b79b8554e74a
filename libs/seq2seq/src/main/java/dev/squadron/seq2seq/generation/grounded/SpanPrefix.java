package dev.squadron.seq2seq.generation.grounded;

import dev.squadron.text.prompt.ContextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The first tokens of one or more spans of a context: a node in the trie of the context's suffixes, known by all the places where
 * its tokens stand. Children are made when they are asked for, so the trie costs what is looked at of it.
 */
final class SpanPrefix {
    private final Spans spans;
    private final int length;

    /** The tokens behind each place where this prefix stands. */
    private final int[] ends;

    private SpanPrefix(Spans spans, int length, int[] ends) {
        this.spans = spans;
        this.length = length;
        this.ends = ends;
    }

    /** Returns the empty prefix of all spans. */
    static SpanPrefix root(Spans spans) {
        return new SpanPrefix(spans, 0, spans.beginnings());
    }

    /** Returns the number of its tokens. */
    int length() {
        return length;
    }

    /** Returns its tokens. */
    int[] ids() {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> spans.context().id(ends[0] - length + i));
        return ids;
    }

    /** Returns whether it is a span as it is; where nothing can be quoted, the empty one is. */
    boolean isSpan() {
        return length == 0 ? ends.length == 0 : first() >= 0;
    }

    /** Returns the token with which it begins at the first place where it is a span; -1 where it is none. */
    int first() {
        for (int end : ends) {
            if (spans.nextEnd(end - length, end) == end) {
                return end - length;
            }
        }
        return -1;
    }

    /** Returns the tokens that follow where it stands first, as far as a span may go and at most {@code most}; none where it is empty. */
    int[] following(int most) {
        int from = length == 0 ? 0 : ends[0];
        int end = from;
        while (length > 0 && end < from + most && goesOn(from - length, end)) {
            end++;
        }
        return IntStream.range(from, end).map(spans.context()::id).toArray();
    }

    /** Returns whether a span from {@code first} on may have the token at {@code end}, too. */
    private boolean goesOn(int first, int end) {
        ContextTokens context = spans.context();
        return end < context.length() && !context.isSpecial(end) && spans.reaches(first, end + 1);
    }

    /** Returns the prefixes with one token more, by that token. */
    SortedMap<Integer, SpanPrefix> continuations() {
        ContextTokens context = spans.context();
        SortedMap<Integer, List<Integer>> endsByToken = new TreeMap<>();
        for (int end : ends) {
            if (goesOn(end - length, end)) {
                endsByToken
                        .computeIfAbsent(context.id(end), id -> new ArrayList<>())
                        .add(end + 1);
            }
        }
        SortedMap<Integer, SpanPrefix> continuations = new TreeMap<>();
        endsByToken.forEach((id, places) -> continuations.put(
                id,
                new SpanPrefix(
                        spans,
                        length + 1,
                        places.stream().mapToInt(Integer::intValue).toArray())));
        return continuations;
    }
}
