package dev.squadron.seq2seq.generation.processor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The expected values of the warpers are those of transformers. */
class LogitsProcessorsTest {
    private static final float OUT = Float.NEGATIVE_INFINITY;
    private static final float[] SCORES = {0.5f, -1, 2.25f, 2.25f, -0.5f, 1, 3, -2, 0, 1.5f};

    @Test
    void runInTransformersOrder() {
        GenerationConfig all = GenerationConfig.greedy(9).toBuilder()
                .repetitionPenalty(2)
                .noRepeatNgramSize(2)
                .badWordsIds(List.of(List.of(4)))
                .minNewTokens(2)
                .forcedBosTokenId(3)
                .forcedEosTokenId(1)
                .suppressTokens(List.of(5))
                .beginSuppressTokens(List.of(6))
                .doSample(true)
                .temperature(2)
                .topP(0.5f)
                .build();

        assertThat(LogitsProcessors.of(all, Set.of(1)))
                .extracting(processor -> processor.getClass().getSimpleName())
                .containsExactly(
                        "RepetitionPenalty",
                        "NoRepeatNgram",
                        "BadWords",
                        "MinNewTokens",
                        "ForcedToken",
                        "ForcedToken",
                        "SuppressedTokens",
                        "SuppressedAt");
        assertThat(LogitsProcessors.warpers(all))
                .extracting(processor -> processor.getClass().getSimpleName())
                .containsExactly("Temperature", "TopK", "TopP");
        assertThat(LogitsProcessors.of(GenerationConfig.greedy(9), Set.of(1))).isEmpty();
    }

    @Test
    void penaliseWhatTheSequenceHas() {
        assertThat(processed(new RepetitionPenalty(2), 1, 2, 1, 8))
                .containsExactly(0.5f, -2, 1.125f, 2.25f, -0.5f, 1, 3, -2, 0, 1.5f);
    }

    @Test
    void forbidRunsThatCameAlready() {
        assertThat(forbidden(new NoRepeatNgram(3), 0, 4, 5, 6, 4, 5)).containsExactly(6);
        assertThat(forbidden(new NoRepeatNgram(2), 0, 4, 5, 4, 6, 4)).containsExactly(5, 6);
        assertThat(forbidden(new NoRepeatNgram(1), 0, 4)).containsExactly(0, 4);
        assertThat(forbidden(new NoRepeatNgram(3), 0)).isEmpty();
    }

    @Test
    void forbidTheEndOfABadWordThatHasBegun() {
        LogitsProcessor words =
                BadWords.of(List.of(List.of(7), List.of(4, 5), List.of(3, 4, 6), List.of(1), List.of(4, 1)), Set.of(1));

        assertThat(forbidden(words, 0, 4)).containsExactly(1, 5, 7);
        assertThat(forbidden(words, 0, 3, 4)).containsExactly(1, 5, 6, 7);
        assertThat(forbidden(words, 0, 4, 5)).containsExactly(7);
        assertThat(forbidden(words, 0)).containsExactly(7);
    }

    @Test
    void forbidAnEarlyEnd() {
        assertThat(forbidden(new MinNewTokens(2, Set.of(1, 9)), 0, 4)).containsExactly(1, 9);
        assertThat(forbidden(new MinNewTokens(2, Set.of(1, 9)), 0, 4, 5)).isEmpty();
    }

    @Test
    void forceATokenAtItsPosition() {
        assertThat(processed(new ForcedToken(2, 3), 0, 4))
                .containsExactly(OUT, OUT, OUT, 0, OUT, OUT, OUT, OUT, OUT, OUT);
        assertThat(processed(new ForcedToken(2, 3), 0)).isEqualTo(SCORES);
        assertThat(processed(new ForcedToken(2, 3), 0, 4, 5)).isEqualTo(SCORES);
    }

    @Test
    void suppressTokensEverywhereOrAtTheBeginning() {
        assertThat(forbidden(new SuppressedTokens(List.of(2, 8)), 0, 4, 5)).containsExactly(2, 8);
        GenerationConfig.Builder rules = GenerationConfig.greedy(9).toBuilder().beginSuppressTokens(List.of(6));
        LogitsProcessor free = LogitsProcessors.of(rules.build(), Set.of(1)).get(0);
        LogitsProcessor afterForced = LogitsProcessors.of(
                        rules.forcedBosTokenId(3).build(), Set.of(1))
                .get(1);

        assertThat(forbidden(free, 0)).containsExactly(6);
        assertThat(forbidden(free, 0, 3)).isEmpty();
        assertThat(forbidden(afterForced, 0)).isEmpty();
        assertThat(forbidden(afterForced, 0, 3)).containsExactly(6);
    }

    @Test
    void warpAsTransformersDoes() {
        assertThat(processed(new Temperature(0.5f), 0)).containsExactly(1, -2, 4.5f, 4.5f, -1, 2, 6, -4, 0, 3);
        assertThat(forbidden(new TopK(3), 0)).containsExactly(0, 1, 4, 5, 7, 8, 9);
        assertThat(forbidden(new TopK(2), 0)).containsExactly(0, 1, 4, 5, 7, 8, 9);
        assertThat(forbidden(new TopK(50), 0)).isEmpty();
        assertThat(forbidden(new TopP(0.5f), 0)).containsExactly(0, 1, 2, 4, 5, 7, 8, 9);
        assertThat(forbidden(new TopP(0.8f), 0)).containsExactly(0, 1, 4, 5, 7, 8);
        assertThat(forbidden(new TopP(0.95f), 0)).containsExactly(1, 4, 7, 8);
        assertThat(forbidden(new TopP(0), 0)).containsExactly(0, 1, 2, 3, 4, 5, 7, 8, 9);
    }

    private static float[] processed(LogitsProcessor processor, int... sequence) {
        float[] scores = SCORES.clone();
        processor.process(scores, sequence);
        return scores;
    }

    private static List<Integer> forbidden(LogitsProcessor processor, int... sequence) {
        float[] scores = processed(processor, sequence);
        return IntStream.range(0, scores.length)
                .filter(id -> scores[id] == OUT)
                .boxed()
                .toList();
    }
}
