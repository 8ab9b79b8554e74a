package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts an English question into other words by rules that leave its meaning alone: a frame around it, a request in its place where no
 * word has to move but the verb to the end, contractions, and words of the same meaning. The question word, names, numbers and
 * denials stay. A question that does not begin with a question word, or a preposition and one, is left as it is.
 */
final class RuleParaphrase implements Technique {
    private static final Pattern QUESTION = Pattern.compile(
            "(?:(?:At|In|On|For|From|To|By|With|Of|Under|After|Before|During|Until|Through|Against|About|Into) )?"
                    + "(?:what|who|whom|whose|which|when|where|why|how)\\b[^?]*\\?",
            Pattern.CASE_INSENSITIVE);
    private static final List<String> FRAMES = List.of(
            "Can you tell me: %s",
            "Please tell me: %s", "I would like to know: %s", "According to the passage, %s", "Going by the text, %s");
    private static final Pattern DEFINITION =
            Pattern.compile("(What|Who) (is|are|was|were) ((?:the|a|an) [^?,;:]+ of [^?,;:]+)\\?");
    private static final Pattern SUBJECT = Pattern.compile("(?:Who|Which \\w+|How many \\w+|What) [^?]+\\?");
    private static final Set<String> AUXILIARIES = Set.of(
            "is", "are", "was", "were", "am", "be", "do", "does", "did", "has", "have", "had", "can", "could", "will",
            "would", "shall", "should", "may", "might", "must");
    /** After these a sentence that was turned round would end in the air. */
    private static final Pattern DANGLING = Pattern.compile(
            ".* (?:\\w+ed|called|made|built|kept|given|known|to|of|for|from|with|in|on|at|by|about|like)");

    private static final List<Synonym> SYNONYMS =
            """
            is not = isn't
            are not = aren't
            was not = wasn't
            were not = weren't
            do not = don't
            does not = doesn't
            did not = didn't
            has not = hasn't
            have not = haven't
            could not = couldn't
            would not = wouldn't
            should not = shouldn't
            cannot = can't
            What is = What's
            Who is = Who's
            Where is = Where's
            big = large
            begin = start
            begins = starts
            began = started
            buy = purchase
            bought = purchased
            build = construct
            built = constructed
            kind of = sort of
            kinds of = sorts of
            happen = occur
            happens = occurs
            happened = occurred
            allowed = permitted
            needed = required
            often = frequently
            quickly = rapidly
            whole = entire
            firm = company
            near = close to
            children = kids
            picture = image
            ship = vessel
            ships = vessels
            sick = ill
            permit = allow
            repair = mend
            repaired = mended
            """
                    .lines()
                    .map(line -> line.split(" = "))
                    .flatMap(pair -> Stream.of(Synonym.of(pair[0], pair[1]), Synonym.of(pair[1], pair[0])))
                    .toList();

    /** A word or phrase and another of the same meaning. */
    private record Synonym(Pattern from, String to) {
        static Synonym of(String from, String to) {
            return new Synonym(
                    Pattern.compile("(?<![\\p{L}\\p{M}\\p{N}'-])" + Pattern.quote(from) + "(?![\\p{L}\\p{M}\\p{N}'-])"),
                    to);
        }

        String in(String question) {
            return from.matcher(question).replaceAll(Matcher.quoteReplacement(to));
        }
    }

    @Override
    public String name() {
        return "paraphrase_rules";
    }

    @Override
    public Optional<QaRecord> vary(QaRecord record, SplittableRandom random) {
        List<String> paraphrases = paraphrases(record.question());
        return paraphrases.isEmpty()
                ? Optional.empty()
                : ContextEdit.checked(record.withQuestion(paraphrases.get(random.nextInt(paraphrases.size()))));
    }

    /** Returns all paraphrases that the rules give, each once; none is the question itself. */
    static List<String> paraphrases(String question) {
        if (!QUESTION.matcher(question).matches()) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        String inside = lowerFirst(question);
        FRAMES.forEach(frame -> found.add(String.format(Locale.ROOT, frame, inside)));
        definition(question).ifPresent(found::add);
        subject(question).ifPresent(found::add);
        SYNONYMS.forEach(synonym -> found.add(synonym.in(question)));
        return found.stream()
                .distinct()
                .filter(other -> !other.equals(question) && QuestionWords.keeps(question, other))
                .toList();
    }

    /** “What is the name of the boat?” asks what “Tell me what the name of the boat is.” asks. */
    private static Optional<String> definition(String question) {
        Matcher parts = DEFINITION.matcher(question);
        if (!parts.matches() || DANGLING.matcher(parts.group(3)).matches() || hasAuxiliary(parts.group(3))) {
            return Optional.empty();
        }
        return Optional.of("Tell me " + lowerFirst(parts.group(1)) + " " + parts.group(3) + " " + parts.group(2) + ".");
    }

    /** Where the question word belongs to the subject, no word has to move. */
    private static Optional<String> subject(String question) {
        if (!SUBJECT.matcher(question).matches() || hasAuxiliary(question)) {
            return Optional.empty();
        }
        return Optional.of("Tell me " + lowerFirst(question).substring(0, question.length() - 1) + ".");
    }

    private static boolean hasAuxiliary(String words) {
        return Pattern.compile("\\W+")
                .splitAsStream(words.toLowerCase(Locale.ROOT))
                .anyMatch(word -> AUXILIARIES.contains(word) || word.equals("s"));
    }

    private static String lowerFirst(String question) {
        return question.substring(0, 1).toLowerCase(Locale.ROOT) + question.substring(1);
    }
}
