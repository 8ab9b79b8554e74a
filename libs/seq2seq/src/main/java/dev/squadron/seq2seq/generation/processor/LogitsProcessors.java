package dev.squadron.seq2seq.generation.processor;

import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The processors that a configuration asks for, in transformers' order. */
public final class LogitsProcessors {
    private LogitsProcessors() {}

    /** Returns the processors of every search; empty where the model decides alone. */
    public static List<LogitsProcessor> of(GenerationConfig rules, Set<Integer> eos) {
        List<LogitsProcessor> processors = new ArrayList<>();
        if (rules.repetitionPenalty() != 1) {
            processors.add(new RepetitionPenalty(rules.repetitionPenalty()));
        }
        if (rules.noRepeatNgramSize() > 0) {
            processors.add(new NoRepeatNgram(rules.noRepeatNgramSize()));
        }
        if (!rules.badWordsIds().isEmpty()) {
            processors.add(BadWords.of(rules.badWordsIds(), eos));
        }
        if (rules.minNewTokens() > 0) {
            processors.add(new MinNewTokens(rules.minNewTokens(), eos));
        }
        if (rules.forcedBosTokenId() != null) {
            processors.add(new ForcedToken(1, rules.forcedBosTokenId()));
        }
        if (rules.forcedEosTokenId() != null) {
            processors.add(new ForcedToken(rules.maxNewTokens(), rules.forcedEosTokenId()));
        }
        if (!rules.suppressTokens().isEmpty()) {
            processors.add(new SuppressedTokens(rules.suppressTokens()));
        }
        if (!rules.beginSuppressTokens().isEmpty()) {
            int first = rules.forcedBosTokenId() == null ? 1 : 2;
            processors.add(new SuppressedAt(first, rules.beginSuppressTokens()));
        }
        return processors;
    }

    /** Returns the processors that shape the distribution which is sampled from. */
    public static List<LogitsProcessor> warpers(GenerationConfig rules) {
        List<LogitsProcessor> warpers = new ArrayList<>();
        if (rules.temperature() != 1) {
            warpers.add(new Temperature(rules.temperature()));
        }
        if (rules.topK() > 0) {
            warpers.add(new TopK(rules.topK()));
        }
        if (rules.topP() < 1) {
            warpers.add(new TopP(rules.topP()));
        }
        return warpers;
    }
}
