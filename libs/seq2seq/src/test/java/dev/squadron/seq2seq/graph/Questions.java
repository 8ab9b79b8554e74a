package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** What tests ask decoders, at random. */
record Questions(Random random, ModelConfig config) {
    private static final int TOKENS = 16;

    /** Returns ids that are no padding and no end. */
    int[] ids(int count) {
        return random.ints(count, 2, config.vocabSize()).toArray();
    }

    /** Returns a head of few tokens. */
    Head head() {
        float[] rows = new float[TOKENS * config.dModel()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = random.nextFloat() - 0.5f;
        }
        Optional<float[]> bias = config.hasHeadBias() ? Optional.of(new float[TOKENS]) : Optional.empty();
        return Head.of(rows, bias, TOKENS, config.dModel());
    }

    /** Returns the logits that follow each token of a step. */
    static float[] logits(Decoder decoder, int[] tokens) {
        return decoder.step(tokens, IntStream.range(0, tokens.length).toArray(), 1, true)
                .logits();
    }
}
