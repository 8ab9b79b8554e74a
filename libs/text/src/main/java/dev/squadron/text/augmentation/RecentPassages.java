package dev.squadron.text.augmentation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The sentences of the last passages of a data set: a function of what has been read of it so far. */
final class RecentPassages {
    private static final int PASSAGES = 16;
    private static final int MAX_SENTENCES = 64;
    private static final int MAX_SENTENCE = 500;

    private final Deque<Passage> recent = new ArrayDeque<>();

    private record Passage(String context, List<String> sentences) {}

    /** Takes a passage in; one that is there already changes nothing. */
    void add(String context) {
        if (recent.stream().anyMatch(passage -> passage.context().equals(context))) {
            return;
        }
        recent.addLast(new Passage(context, sentences(context)));
        if (recent.size() > PASSAGES) {
            recent.removeFirst();
        }
    }

    /** Returns the sentences of all passages but one. */
    List<String> sentencesBeside(String context) {
        return recent.stream()
                .filter(passage -> !passage.context().equals(context))
                .flatMap(passage -> passage.sentences().stream())
                .toList();
    }

    private static List<String> sentences(String context) {
        return Sentence.of(context, List.of()).stream()
                .map(sentence -> context.substring(sentence.from(), sentence.end()))
                .filter(sentence -> !sentence.isBlank() && sentence.length() <= MAX_SENTENCE)
                .limit(MAX_SENTENCES)
                .toList();
    }
}
