package dev.squadron.seq2seq.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
    private static final int VOCABULARY = 12;
    private static final int EOS = 1;
    private static final SpecialTokens TOKENS = new SpecialTokens(0, Set.of(EOS), 0);
    private static final float[] LOGITS = {0.5f, -9, 2.25f, 2.25f, -0.5f, 1, 3, -2, 0, 1.5f, -1, 0.25f};

    @Test
    void drawsTokensAsOftenAsTheirProbabilitySays() {
        int draws = 20_000;
        GenerationConfig rules = sampling()
                .numReturnSequences(draws)
                .maxNewTokens(1)
                .temperature(2)
                .topK(0)
                .build();

        int[] counts = new int[VOCABULARY];
        search(rules, same(1)).get(0).forEach(each -> counts[each.ids()[0]]++);

        double[] expected = IntStream.range(0, VOCABULARY)
                .mapToDouble(id -> Math.exp(LOGITS[id] / 2))
                .toArray();
        double sum = Arrays.stream(expected).sum();
        for (int id = 0; id < VOCABULARY; id++) {
            double share = expected[id] / sum;
            double deviation = Math.sqrt(share * (1 - share) / draws);
            assertThat((double) counts[id] / draws).as("token %d", id).isCloseTo(share, within(4 * deviation));
        }
    }

    @Test
    void drawsOnlyWhatTopKAndTopPLeave() {
        GenerationConfig three = sampling().numReturnSequences(500).topK(3).build();
        GenerationConfig most =
                sampling().numReturnSequences(500).topK(0).topP(0.8f).build();

        assertThat(search(three, same(1)).get(0).stream()
                        .flatMapToInt(each -> IntStream.of(each.ids()))
                        .boxed())
                .containsOnly(2, 3, 6);
        assertThat(search(most, same(1)).get(0).stream()
                        .flatMapToInt(each -> IntStream.of(each.ids()))
                        .boxed())
                .containsOnly(2, 3, 6, 9);
    }

    @Test
    void givesTheSameForTheSameSeedAndInput() {
        GenerationConfig rules =
                sampling().numReturnSequences(3).maxNewTokens(8).build();
        int[][] inputs = {{5, 6}, {7, 8}, {9}};

        List<List<Generated>> once = search(rules, inputs);
        List<List<Generated>> again = search(rules, inputs);
        List<List<Generated>> otherSeed = search(rules.toBuilder().seed(8L).build(), inputs);
        List<List<Generated>> otherPlace = search(rules, new int[][] {{9}, {5, 6}});

        assertThat(again).usingRecursiveComparison().isEqualTo(once);
        assertThat(otherPlace.get(0)).usingRecursiveComparison().isEqualTo(once.get(2));
        assertThat(otherPlace.get(1)).usingRecursiveComparison().isEqualTo(once.get(0));
        assertThat(ids(otherSeed)).isNotEqualTo(ids(once));
        assertThat(ids(once.subList(0, 1))).doesNotHaveDuplicates();
        assertThat(ids(once)).doesNotHaveDuplicates();
    }

    @Test
    void differsWithoutASeed() {
        GenerationConfig rules = sampling().seed(null).maxNewTokens(30).build();

        assertThat(ids(search(rules, same(1)))).isNotEqualTo(ids(search(rules, same(1))));
    }

    @Test
    void isGreedySearchWhereOneTokenIsLeft() {
        GenerationConfig one = sampling().topK(1).maxNewTokens(9).build();
        GenerationConfig greedy = GenerationConfig.greedy(9);

        List<Generated> sampled = sampling(one).search(scattered()).get(1);
        List<Generated> searched =
                new GreedySearch(greedy, TOKENS).search(scattered()).get(1);

        assertThat(sampled.get(0).ids()).isEqualTo(searched.get(0).ids());
        assertThat(sampled.get(0).logProbs()).isEqualTo(searched.get(0).logProbs());
        assertThat(sampled.get(0).processedLogProbs()).containsOnly(0f);
    }

    @Test
    void saysSoWhereNothingIsLeft() {
        GenerationConfig rules = sampling()
                .suppressTokens(IntStream.range(0, VOCABULARY).boxed().toList())
                .build();

        assertThatThrownBy(() -> search(rules, same(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("suppress_tokens");
    }

    private static Sampling sampling(GenerationConfig rules) {
        return new Sampling(rules, TOKENS, same(2));
    }

    private static PrefixDecoder scattered() {
        return new PrefixDecoder(2, VOCABULARY, prefix -> PrefixDecoder.scattered(prefix, VOCABULARY));
    }

    private static List<List<Generated>> search(GenerationConfig rules, int[][] inputs) {
        return new Sampling(rules, TOKENS, inputs)
                .search(new PrefixDecoder(inputs.length, VOCABULARY, prefix -> LOGITS));
    }

    private static List<List<Integer>> ids(List<List<Generated>> generated) {
        return generated.stream()
                .flatMap(List::stream)
                .map(each -> IntStream.of(each.ids()).boxed().toList())
                .toList();
    }

    private static int[][] same(int inputs) {
        return IntStream.range(0, inputs).mapToObj(input -> new int[] {3, 4}).toArray(int[][]::new);
    }

    private static GenerationConfig.Builder sampling() {
        return GenerationConfig.greedy(4).toBuilder().doSample(true).seed(7L);
    }
}
