package dev.squadron.seq2seq.generation.grounded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.seq2seq.generation.PrefixDecoder;
import dev.squadron.text.prompt.ContextTokens;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches on decoders of random logits, against trying every span. */
class QuotationSearchTest {
    private static final List<String> WORDS = List.of(
            "the",
            "the",
            "light",
            "a",
            "rock",
            "ada",
            " ",
            "(18",
            "79)",
            "½",
            "㎏",
            "cafe\u0301",
            "天皇",
            "</s>",
            "…",
            "x™y",
            "ﷺ");
    private static final int START = 0;
    private static final int EOS = 1;
    private static final double ROUNDING = 1e-4;

    private static Seq2SeqTokenizer tokenizer;
    private static ModelConfig model;

    @BeforeAll
    static void open() {
        Path directory = Path.of(System.getProperty("squadron.home"), "models", "squadlet");
        tokenizer = Seq2SeqTokenizer.open(directory);
        model = ModelConfig.read(directory);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 1, 2, -0.5f})
    void exactSearchFindsWhatTryingAllFinds(float penalty) {
        for (int seed = 0; seed < 12; seed++) {
            ContextTokens context = context(seed);
            int longest = 1 + seed % 6;
            Function<List<Integer>, float[]> logits = logits(seed, model.vocabSize(), EOS);
            PrefixDecoder decoder = new PrefixDecoder(1, model.vocabSize(), logits);

            Output found = ExactSearch.of(rules(longest, 1, penalty), model, List.of(context))
                    .search(decoder)
                    .get(0)
                    .get(0);

            int[] vocabulary = IntStream.range(0, model.vocabSize()).toArray();
            Tried best = tried(0, context, longest, penalty, logits, vocabulary).get(0);
            assertThat(found.generated().score()).isCloseTo(best.score(), within(ROUNDING));
            assertThat(found.span()).isEqualTo(context.span(best.first(), best.end()));
            assertThat(found.generated().ids()).isEqualTo(best.ids());
            assertThat(found.generated().steps()).isEqualTo(decoder.steps());
        }
    }

    @Test
    void exactSearchFindsTheBestFewOfEachContextOfABatch() {
        List<ContextTokens> contexts =
                IntStream.range(0, 5).mapToObj(QuotationSearchTest::context).toList();
        int longest = 5;
        GenerationConfig three =
                rules(longest, 3, 1).toBuilder().numReturnSequences(3).build();
        Function<List<Integer>, float[]> logits = logits(3, model.vocabSize(), EOS);
        PrefixDecoder decoder = new PrefixDecoder(contexts.size(), model.vocabSize(), logits);

        List<List<Output>> found = ExactSearch.of(three, model, contexts).search(decoder);

        int[] vocabulary = IntStream.range(0, model.vocabSize()).toArray();
        for (int input = 0; input < contexts.size(); input++) {
            List<Tried> best = tried(input, contexts.get(input), longest, 1, logits, vocabulary);
            assertThat(found.get(input)).hasSize(3);
            for (int rank = 0; rank < 3; rank++) {
                Output quotation = found.get(input).get(rank);
                assertThat(quotation.generated().ids()).isEqualTo(best.get(rank).ids());
                assertThat(quotation.generated().score())
                        .isCloseTo(best.get(rank).score(), within(ROUNDING));
                assertThat(quotation.generated().steps()).isBetween(1, decoder.steps());
            }
        }
    }

    @Test
    void aBeamThatLosesNothingFindsWhatTryingAllFinds() {
        for (int seed = 0; seed < 12; seed++) {
            ContextTokens context = context(seed);
            int longest = 2 + seed % 4;
            GenerationConfig two =
                    rules(longest, 5000, 1).toBuilder().numReturnSequences(2).build();
            GroundedSearch search = GroundedSearch.of(two, model, List.of(context));
            int[] tokens = search.possibleTokens();
            Function<List<Integer>, float[]> logits = logits(seed, tokens.length, 0);

            List<Output> found =
                    search.search(new PrefixDecoder(1, tokens.length, logits)).get(0);

            List<Tried> best = tried(0, context, longest, 1, logits, tokens);
            assertThat(found).hasSize(Math.min(2, best.size()));
            for (int rank = 0; rank < found.size(); rank++) {
                assertThat(found.get(rank).generated().score())
                        .isCloseTo(best.get(rank).score(), within(ROUNDING));
                assertThat(found.get(rank).generated().ids())
                        .isEqualTo(best.get(rank).ids());
            }
        }
    }

    @Test
    void greedySearchTakesTheMostLikelyTokenThatGoesOnWithASpan() {
        List<ContextTokens> contexts =
                IntStream.range(0, 6).mapToObj(QuotationSearchTest::context).toList();
        int longest = 4;
        GroundedSearch search = GroundedSearch.of(rules(longest, 1, 1), model, contexts);
        int[] tokens = search.possibleTokens();
        Function<List<Integer>, float[]> logits = logits(7, tokens.length, 0);

        List<Output> found = search.search(new PrefixDecoder(contexts.size(), tokens.length, logits)).stream()
                .map(quotations -> quotations.get(0))
                .toList();

        for (int input = 0; input < contexts.size(); input++) {
            List<List<Integer>> spans = spans(contexts.get(input), longest).stream()
                    .map(span -> Arrays.stream(span.ids()).boxed().toList())
                    .toList();
            List<Integer> prefix = new ArrayList<>(List.of(input, START));
            List<Integer> output = new ArrayList<>();
            while (!output.contains(EOS)) {
                int length = output.size();
                float[] scores = logits.apply(prefix);
                int next = spans.stream()
                        .filter(span ->
                                span.size() > length && span.subList(0, length).equals(output))
                        .map(span -> span.get(length))
                        .max((a, b) -> Float.compare(
                                scores[Arrays.binarySearch(tokens, a)], scores[Arrays.binarySearch(tokens, b)]))
                        .orElseThrow();
                output.add(next);
                prefix.add(next);
            }
            assertThat(found.get(input).generated().ids())
                    .isEqualTo(output.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void guessesForALoneContextAndFindsWhatABatchFindsInFewerSteps(int beams) {
        List<ContextTokens> contexts =
                IntStream.range(0, 40).mapToObj(QuotationSearchTest::context).toList();
        GroundedSearch together = GroundedSearch.of(rules(8, beams, 1), model, contexts);
        int[] tokens = together.possibleTokens();
        Function<List<Integer>, float[]> logits = logits(5, tokens.length, 0);
        List<List<Output>> expected = together.search(new PrefixDecoder(contexts.size(), tokens.length, logits));
        int steps = 0;
        int stepsTogether = 0;
        for (int input = 0; input < contexts.size(); input++) {
            int number = input;
            GroundedSearch alone = GroundedSearch.of(rules(8, beams, 1), model, List.of(contexts.get(input)));
            int[] own = alone.possibleTokens();
            PrefixDecoder decoder = new PrefixDecoder(1, own.length, prefix -> {
                List<Integer> numbered = new ArrayList<>(prefix);
                numbered.set(0, number);
                float[] all = logits.apply(numbered);
                float[] some = new float[own.length];
                for (int place = 0; place < own.length; place++) {
                    some[place] = all[Arrays.binarySearch(tokens, own[place])];
                }
                return some;
            });

            Output found = alone.search(decoder).get(0).get(0);

            Output best = expected.get(input).get(0);
            assertThat(found.generated().ids()).isEqualTo(best.generated().ids());
            assertThat(found.generated().score()).isCloseTo(best.generated().score(), within(ROUNDING));
            assertThat(found.span()).isEqualTo(best.span());
            assertThat(found.generated().steps()).isEqualTo(decoder.steps());
            steps += found.generated().steps();
            stepsTogether += best.generated().steps();
        }
        assertThat(steps).isLessThan(stepsTogether);
    }

    @Test
    void aContextWithoutTextGivesAnEmptyQuotation() {
        ContextTokens nothing = context("</s> <pad>");
        GroundedSearch search = GroundedSearch.of(rules(4, 3, 1), model, List.of(nothing));

        Output greedy = search.search(new PrefixDecoder(
                        1, search.possibleTokens().length, logits(1, search.possibleTokens().length, 0)))
                .get(0)
                .get(0);
        Output exact = ExactSearch.of(rules(4, 1, 0), model, List.of(nothing))
                .search(new PrefixDecoder(1, model.vocabSize(), logits(1, model.vocabSize(), EOS)))
                .get(0)
                .get(0);

        assertThat(List.of(greedy, exact)).allSatisfy(quotation -> {
            assertThat(quotation.span()).isEmpty();
            assertThat(quotation.generated().ids()).containsExactly(EOS);
        });
    }

    @Test
    void refusesALimitThatLeavesNoRoom() {
        assertThatThrownBy(() -> ExactSearch.of(GenerationConfig.greedy(1), model, List.of(context(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max_new_tokens is 1");
    }

    /** A span that was tried; {@code first} and {@code end} are tokens. */
    private record Tried(int first, int end, double score, int[] quoted) {
        int[] ids() {
            int[] ids = Arrays.copyOf(quoted, quoted.length + 1);
            ids[quoted.length] = EOS;
            return ids;
        }
    }

    /** Returns all spans that differ in their tokens, best first. */
    private static List<Tried> tried(
            int input,
            ContextTokens context,
            int longest,
            float penalty,
            Function<List<Integer>, float[]> logits,
            int[] vocabulary) {
        int[] possible = IntStream.concat(IntStream.range(0, context.length()).map(context::id), IntStream.of(EOS))
                .distinct()
                .toArray();
        boolean whole = vocabulary.length == model.vocabSize();
        Map<List<Integer>, Tried> tried = new LinkedHashMap<>();
        for (Tried span : spans(context, longest)) {
            List<Integer> prefix = new ArrayList<>(List.of(input, START));
            double sum = 0;
            for (int id : span.ids()) {
                float[] scores = logits.apply(prefix);
                double all = Arrays.stream(whole ? vocabulary : possible)
                        .mapToDouble(each -> Math.exp(scores[Arrays.binarySearch(vocabulary, each)]))
                        .sum();
                sum += scores[Arrays.binarySearch(vocabulary, id)] - Math.log(all);
                prefix.add(id);
            }
            double score = sum / Math.pow(span.quoted().length + 1, penalty);
            tried.putIfAbsent(
                    Arrays.stream(span.quoted()).boxed().toList(),
                    new Tried(span.first(), span.end(), score, span.quoted()));
        }
        return tried.values().stream()
                .sorted(Comparator.comparingDouble(Tried::score).reversed())
                .toList();
    }

    private static List<Tried> spans(ContextTokens context, int longest) {
        List<Tried> spans = new ArrayList<>();
        for (int first = 0; first < context.length(); first++) {
            for (int end = first + 1; end <= Math.min(context.length(), first + longest); end++) {
                boolean allowed = context.isBoundary(first)
                        && context.isBoundary(end)
                        && IntStream.range(first, end).noneMatch(context::isSpecial)
                        && context.span(first, end).isPresent();
                if (allowed) {
                    spans.add(new Tried(
                            first,
                            end,
                            0,
                            IntStream.range(first, end).map(context::id).toArray()));
                }
            }
        }
        return spans;
    }

    /** Logits for prefixes of tokens, though the decoder may count in places of a smaller vocabulary. */
    private static Function<List<Integer>, float[]> logits(int seed, int vocabSize, int eosPlace) {
        return prefix -> {
            List<Integer> seeded = new ArrayList<>(prefix);
            seeded.add(seed);
            float[] logits = PrefixDecoder.scattered(seeded, vocabSize);
            logits[eosPlace] += 2;
            return logits;
        };
    }

    private static GenerationConfig rules(int longest, int beams, float penalty) {
        return new GenerationConfig.Builder()
                .maxNewTokens(longest + 1)
                .numBeams(beams)
                .lengthPenalty(penalty)
                .build();
    }

    private static ContextTokens context(int seed) {
        return context("ada "
                + new Random(seed)
                        .ints(14, 0, WORDS.size())
                        .mapToObj(WORDS::get)
                        .collect(Collectors.joining(seed % 2 == 0 ? " " : "")));
    }

    private static ContextTokens context(String text) {
        try {
            return QaPrompt.classic(tokenizer).input("Who?", text).context();
        } catch (InvalidMessage e) {
            throw new AssertionError(e);
        }
    }
}
