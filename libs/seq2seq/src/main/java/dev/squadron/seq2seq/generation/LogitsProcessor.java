package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.ModelConfig;
import java.util.Arrays;

/** Changes logits before a token is chosen, as transformers' processors do and in their order. */
final class LogitsProcessor {
    private final GenerationConfig rules;
    private final int eosTokenId;
    private final int startTokenId;

    LogitsProcessor(GenerationConfig rules, ModelConfig model) {
        this.rules = rules;
        this.eosTokenId = model.eosTokenId();
        this.startTokenId = model.decoderStartTokenId();
    }

    /**
     * Changes the logits of the next token in place.
     *
     * @param logits [vocab_size]
     * @param generated the tokens so far, without the start token
     * @param length how many of them count
     */
    void process(float[] logits, int[] generated, int length) {
        int[] sequence = new int[length + 1];
        sequence[0] = startTokenId;
        System.arraycopy(generated, 0, sequence, 1, length);
        if (rules.repetitionPenalty() != 1) {
            penalise(logits, sequence);
        }
        if (rules.noRepeatNgramSize() > 0) {
            forbidNgrams(logits, sequence, rules.noRepeatNgramSize());
        }
        if (length < rules.minNewTokens()) {
            logits[eosTokenId] = Float.NEGATIVE_INFINITY;
        }
        if (rules.forcedBosTokenId() != null && length == 0) {
            force(logits, rules.forcedBosTokenId());
        }
        if (rules.forcedEosTokenId() != null && length == rules.maxNewTokens() - 1) {
            force(logits, rules.forcedEosTokenId());
        }
    }

    private void penalise(float[] logits, int[] sequence) {
        Arrays.stream(sequence)
                .distinct()
                .forEach(id -> logits[id] = logits[id] < 0
                        ? logits[id] * rules.repetitionPenalty()
                        : logits[id] / rules.repetitionPenalty());
    }

    private static void forbidNgrams(float[] logits, int[] sequence, int size) {
        int last = sequence.length - size + 1;
        for (int start = 0; start < last; start++) {
            boolean same = Arrays.equals(sequence, start, start + size - 1, sequence, last, sequence.length);
            if (same) {
                logits[sequence[start + size - 1]] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private static void force(float[] logits, int id) {
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[id] = 0;
    }
}
