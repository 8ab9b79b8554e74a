package dev.squadron.text.squad;

import dev.squadron.contracts.record.Answer;
import java.util.List;

/**
 * A question of a SQuAD file.
 *
 * @param id its id
 * @param question the question
 * @param context the passage
 * @param answers reference answers
 * @param impossible whether the passage does not answer it; false in SQuAD 1.1
 */
public record SquadQuestion(String id, String question, String context, List<Answer> answers, boolean impossible) {}
