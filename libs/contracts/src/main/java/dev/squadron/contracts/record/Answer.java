package dev.squadron.contracts.record;

/**
 * A reference answer.
 *
 * @param text the words of the context that answer the question
 * @param answerStart where they stand in the context, in Unicode code points from 0
 */
public record Answer(String text, int answerStart) {}
