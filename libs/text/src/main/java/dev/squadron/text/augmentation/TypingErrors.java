package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Mistypes words of the context that hold no part of an answer: two letters change places, one is missing or doubled, or the first
 * one has the wrong case. Short words and whatever is not made of letters alone stay right.
 *
 * @param rate probability that a word is mistyped
 */
record TypingErrors(double rate) implements Technique {
    private static final Pattern WORD = Pattern.compile("(?<![\\p{L}\\p{M}\\p{N}])\\p{L}{4,}(?![\\p{L}\\p{M}\\p{N}])");

    @Override
    public String name() {
        return "noise";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        return ContextEdit.words(record, WORD, word -> random.nextDouble() < rate ? mistyped(word, random) : word);
    }

    private static String mistyped(String word, SplittableRandom random) {
        int[] letters = word.codePoints().toArray();
        int place = 1 + random.nextInt(letters.length - 2);
        StringBuilder typed = new StringBuilder(word);
        int from = word.offsetByCodePoints(0, place);
        String letter = Character.toString(letters[place]);
        int behind = from + letter.length();
        switch (random.nextInt(4)) {
            case 0 ->
                typed.insert(behind + Character.charCount(letters[place + 1]), letter)
                        .delete(from, behind);
            case 1 -> typed.delete(from, behind);
            case 2 -> typed.insert(from, letter);
            default -> typed.replace(0, Character.charCount(letters[0]), otherCase(letters[0]));
        }
        return typed.toString();
    }

    private static String otherCase(int letter) {
        return Character.toString(
                Character.isUpperCase(letter) ? Character.toLowerCase(letter) : Character.toUpperCase(letter));
    }
}
