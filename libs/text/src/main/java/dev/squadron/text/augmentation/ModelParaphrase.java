package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.Origin;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.text.metric.SquadMetric;
import dev.squadron.text.metric.SquadMetric.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Has a seq2seq model put questions into other words, and keeps what stays the same question: it asks and denies what the original
 * does, holds its names and numbers, and the model answers it with a reference answer (round-trip consistency, Alberti et al., 2019).
 */
public final class ModelParaphrase {
    /** The name that the origin of a record gives it. */
    public static final String NAME = "paraphrase_model";

    private static final int LONGER_BY = 40;

    private ModelParaphrase() {}

    /** What the model is asked to do. */
    public interface Model {
        /** Returns what may be other words for each question, the best first. */
        List<List<String>> paraphrase(List<String> questions);

        /** Returns the answer to each record's question, from its context. */
        List<String> answer(List<QaRecord> records);
    }

    /**
     * What came of it.
     *
     * @param copies at most one of each record, in their order
     * @param proposed texts that the model gave
     * @param wellFormed those that are another question with the same words of weight; each was asked of the model
     */
    public record Result(List<QaRecord> copies, int proposed, int wellFormed) {}

    /** Returns copies of the training records, each with a paraphrase that was kept. */
    public static Result of(List<QaRecord> records, Model model) {
        List<QaRecord> originals = records.stream()
                .filter(record -> record.split() == Split.TRAIN && record.origin() == null)
                .toList();
        List<List<String>> proposals =
                model.paraphrase(originals.stream().map(QaRecord::question).toList());
        List<QaRecord> candidates = new ArrayList<>();
        for (int i = 0; i < originals.size(); i++) {
            QaRecord original = originals.get(i);
            proposals.get(i).stream()
                    .map(String::strip)
                    .distinct()
                    .filter(proposal -> isAnotherForm(original.question(), proposal))
                    .flatMap(proposal -> copy(original, proposal).stream())
                    .forEach(candidates::add);
        }
        List<String> answers = model.answer(candidates);
        List<QaRecord> copies = new ArrayList<>();
        Set<String> done = new HashSet<>();
        for (int i = 0; i < candidates.size(); i++) {
            QaRecord candidate = candidates.get(i);
            if (isRight(answers.get(i), candidate) && done.add(candidate.id())) {
                copies.add(candidate);
            }
        }
        return new Result(copies, proposals.stream().mapToInt(List::size).sum(), candidates.size());
    }

    private static Optional<QaRecord> copy(QaRecord original, String paraphrase) {
        Origin origin = new Origin(original.id(), List.of(NAME), null, null);
        return ContextEdit.checked(original.withQuestion(paraphrase).madeFrom(origin, original.id() + "~model"));
    }

    private static boolean isAnotherForm(String question, String paraphrase) {
        return paraphrase.endsWith("?")
                && paraphrase.length() <= 2 * question.length() + LONGER_BY
                && !SquadMetric.normalize(question).equals(SquadMetric.normalize(paraphrase))
                && QuestionWords.keeps(question, paraphrase);
    }

    private static boolean isRight(String answer, QaRecord record) {
        List<String> references = record.answers().stream().map(Answer::text).toList();
        return SquadMetric.score(answer, references, Version.V2).exact() == 1;
    }
}
