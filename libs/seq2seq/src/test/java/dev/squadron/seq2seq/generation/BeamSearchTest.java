package dev.squadron.seq2seq.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.seq2seq.generation.GenerationConfig.EarlyStopping;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BeamSearchTest {
    private static final int VOCABULARY = 5;
    private static final int EOS = 1;
    private static final int LIMIT = 4;
    private static final SpecialTokens TOKENS = new SpecialTokens(0, Set.of(EOS), 0);

    private record Found(List<Integer> ids, double score) {}

    @Test
    void isExhaustiveWhereThereAreEnoughBeams() {
        int beams = 200;
        GenerationConfig rules = wide(beams).build();

        List<List<Generated>> actual = new BeamSearch(rules, TOKENS).search(decoder(3));

        for (int input = 0; input < 3; input++) {
            List<Found> expected = new ArrayList<>();
            enumerate(List.of(input, TOKENS.start()), 0, expected);
            expected.sort(Comparator.comparing(Found::score).reversed());
            for (int i = 0; i < 20; i++) {
                Generated found = actual.get(input).get(i);
                assertThat(IntStream.of(found.ids()).boxed())
                        .isEqualTo(expected.get(i).ids());
                assertThat(found.score()).isCloseTo(expected.get(i).score(), within(1e-4));
                assertThat(found.finished()).isEqualTo(found.ids()[found.ids().length - 1] == EOS);
                assertThat(found.logProbs()).isEqualTo(found.processedLogProbs());
            }
        }
    }

    @Test
    void givesTheSameForAnInputAloneAndInABatch() {
        GenerationConfig rules = wide(3).maxNewTokens(7)
                .earlyStopping(EarlyStopping.TRUE)
                .noRepeatNgramSize(2)
                .build();

        List<List<Generated>> together = new BeamSearch(rules, TOKENS).search(decoder(4));
        List<List<Generated>> alone = new BeamSearch(rules, TOKENS).search(decoder(1));

        assertThat(together.get(0)).usingRecursiveComparison().isEqualTo(alone.get(0));
    }

    @Test
    void keepsOnLookingAtSeveralEndTokens() {
        SpecialTokens two = new SpecialTokens(0, Set.of(EOS, 2), 0);

        List<Generated> found =
                new BeamSearch(wide(3).build(), two).search(decoder(1)).get(0);

        assertThat(found).hasSize(3).allSatisfy(each -> {
            int[] ids = each.ids();
            assertThat(each.finished()).isEqualTo(two.eos().contains(ids[ids.length - 1]));
            assertThat(IntStream.of(ids).limit(ids.length - 1)).doesNotContain(EOS, 2);
        });
    }

    @Test
    void findsFewerThanAskedForWhereNoMoreExist() {
        GenerationConfig.Builder only = wide(4).maxNewTokens(1).suppressTokens(List.of(0, 2, 3));

        List<Generated> found =
                new BeamSearch(only.build(), TOKENS).search(decoder(1)).get(0);

        assertThat(found.subList(0, 2)).extracting(each -> each.ids()[0]).containsExactlyInAnyOrder(1, 4);
        assertThat(found.stream().skip(2)).allMatch(each -> each.score() < -1e8);
    }

    @Test
    void saysSoWhereNothingIsLeft() {
        GenerationConfig none = wide(4).suppressTokens(List.of(0, 1, 2, 3, 4)).build();
        GenerationConfig greedy =
                none.toBuilder().numReturnSequences(1).numBeams(1).build();

        assertThatThrownBy(() -> new BeamSearch(none, TOKENS).search(decoder(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("suppress_tokens");
        assertThatThrownBy(() -> new GreedySearch(greedy, TOKENS).search(decoder(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("suppress_tokens");
    }

    @Test
    void passesOnThatScoresAreNotNumbers() {
        PrefixDecoder broken = new PrefixDecoder(1, VOCABULARY, prefix -> new float[] {0, 0, Float.NaN, 0, 0});

        List<Generated> found =
                new BeamSearch(wide(2).build(), TOKENS).search(broken).get(0);

        assertThat(found.get(0).logProbs()).contains(Float.NaN);
    }

    private static GenerationConfig.Builder wide(int beams) {
        return GenerationConfig.greedy(LIMIT).toBuilder()
                .numBeams(beams)
                .numReturnSequences(beams)
                .earlyStopping(EarlyStopping.NEVER)
                .lengthPenalty(0.7f);
    }

    private static PrefixDecoder decoder(int inputs) {
        return new PrefixDecoder(inputs, VOCABULARY, prefix -> PrefixDecoder.scattered(prefix, VOCABULARY));
    }

    private static void enumerate(List<Integer> prefix, double logProb, List<Found> found) {
        int length = prefix.size() - 2;
        if (length > 0 && (length == LIMIT || prefix.get(prefix.size() - 1) == EOS)) {
            found.add(new Found(prefix.subList(2, prefix.size()), logProb / Math.pow(length, 0.7f)));
            return;
        }
        float[] logits = PrefixDecoder.scattered(prefix, VOCABULARY);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        for (int id = 0; id < VOCABULARY; id++) {
            List<Integer> longer = new ArrayList<>(prefix);
            longer.add(id);
            enumerate(longer, logProb + logits[id] - Math.log(sum), found);
        }
    }
}
