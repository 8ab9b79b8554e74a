package dev.squadron.seq2seq.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.graph.Backbone;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guessing ahead changes the number of steps and nothing else. */
class PromptLookupTest {
    private static final Path HOME = Path.of(System.getProperty("squadron.home"));
    private static final Path QUESTIONS = Path.of(System.getProperty(
            "squadron.questions",
            HOME.resolve("samples/handbook-validation.json").toString()));
    private static final SpecialTokens TOKENS = new SpecialTokens(0, Set.of(1), 0);
    private static final int[] INPUT = {5, 6, 7, 8, 9, 5, 6, 3, 1};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 20})
    void findsWhatGreedySearchFinds(int guessed) {
        for (int seed = 0; seed < 50; seed++) {
            Function<List<Integer>, float[]> logits = copying(seed);
            GenerationConfig rules = GenerationConfig.greedy(1 + seed % 12);
            PrefixDecoder plain = new PrefixDecoder(1, 12, logits);
            PrefixDecoder guessing = new PrefixDecoder(1, 12, logits);

            Generated expected =
                    new GreedySearch(rules, TOKENS).search(plain).get(0).get(0);
            Generated actual = search(guess(rules, guessed), guessing);

            assertThat(actual)
                    .usingRecursiveComparison()
                    .ignoringFields("steps")
                    .isEqualTo(expected);
            assertThat(guessing.steps()).isLessThanOrEqualTo(plain.steps());
            assertThat(List.of(expected.steps(), actual.steps())).isEqualTo(List.of(plain.steps(), guessing.steps()));
        }
    }

    @Test
    void takesOneStepForAllThatIsCopied() {
        Function<List<Integer>, float[]> copies = prefix -> {
            int[] next = {0, 0, 7, 8, 9, 5, 1, 1, 1};
            float[] logits = new float[12];
            logits[next[prefix.size()]] = 9;
            return logits;
        };
        PrefixDecoder decoder = new PrefixDecoder(1, 12, copies);

        Generated found = search(guess(GenerationConfig.greedy(10), 4), decoder);

        assertThat(found.ids()).containsExactly(7, 8, 9, 5, 1);
        assertThat(decoder.steps()).isEqualTo(2);
    }

    @Test
    void findsTheSameAnswersToAllQuestionsInFewerSteps() throws IOException {
        Path directory = HOME.resolve("models/squadlet");
        ModelConfig model = ModelConfig.read(directory);
        WeightFiles files = WeightFiles.open(directory);
        int plainSteps = 0;
        int guessingSteps = 0;
        int tokens = 0;
        List<int[]> inputs = inputs(directory);
        try (Backbone backbone = Backbone.open(model, files, Execution.reference(Threads.perCore()));
                Head head = model.pretrainedHead(files)) {
            for (int[] input : inputs) {
                int[][] batch = {input};
                GenerationConfig rules = GenerationConfig.greedy(64);
                try (Counted plain = new Counted(backbone.decoder(batch, head));
                        Counted guessing = new Counted(backbone.decoder(batch, head))) {
                    Generated expected = new GreedySearch(rules, SpecialTokens.of(rules, model))
                            .search(plain)
                            .get(0)
                            .get(0);
                    Generated actual = Search.of(guess(rules, 4), model, batch)
                            .search(guessing)
                            .get(0)
                            .get(0);

                    assertThat(actual.ids()).isEqualTo(expected.ids());
                    assertThat(actual.score()).isCloseTo(expected.score(), within(1e-3));
                    plainSteps += plain.steps;
                    guessingSteps += guessing.steps;
                    tokens += expected.ids().length;
                }
            }
        }
        System.out.printf(
                "%d questions, %d tokens: %d steps, with guesses %d%n",
                inputs.size(), tokens, plainSteps, guessingSteps);
        assertThat(plainSteps).isEqualTo(tokens);
        assertThat(guessingSteps).isLessThan(plainSteps * 3 / 4);
    }

    @Test
    void onlyTokensThatWereFoundHaveProbabilities() {
        Path directory = HOME.resolve("models/squadlet");
        ModelConfig model = ModelConfig.read(directory);
        WeightFiles files = WeightFiles.open(directory);
        try (Backbone backbone = Backbone.open(model, files, Execution.reference(Threads.perCore()));
                Head head = model.pretrainedHead(files);
                Decoder one = backbone.decoder(new int[][] {{5, 1}}, head);
                Decoder two = backbone.decoder(new int[][] {{5, 1}, {6, 1}}, head)) {
            one.step(new int[] {0, 7}, 1, false);
            one.mostLikely(new int[] {8});
            assertThatIllegalStateException().isThrownBy(one::logProbs).withMessageContaining("1 of 3 positions");

            one.rewind(0);
            one.mostLikely(new int[] {0, 7});
            assertThat(one.logProbs()).hasSize(2);

            assertThatIllegalStateException()
                    .isThrownBy(() -> two.mostLikely(new int[] {0, 0}))
                    .withMessageContaining("2 rows");
        }
    }

    @Test
    void batchesAndProcessorsAreSearchedPlainly() {
        ModelConfig model = ModelConfig.read(HOME.resolve("models/squadlet"));
        GenerationConfig rules = guess(GenerationConfig.greedy(4), 3);
        int[][] one = {{5, 1}};

        assertThat(Search.of(rules, model, one)).isInstanceOf(PromptLookup.class);
        assertThat(Search.of(rules, model, new int[][] {{5, 1}, {6, 1}})).isInstanceOf(GreedySearch.class);
        assertThat(Search.of(rules.toBuilder().noRepeatNgramSize(2).build(), model, one))
                .isInstanceOf(GreedySearch.class);
    }

    /** Counts steps. */
    private static final class Counted implements Decoder {
        private final Decoder decoder;
        private int steps;

        Counted(Decoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public int inputs() {
            return decoder.inputs();
        }

        @Override
        public int vocabSize() {
            return decoder.vocabSize();
        }

        @Override
        public Step step(int[] ids, int[] asked, int best, boolean wantLogits) {
            steps++;
            return decoder.step(ids, asked, best, wantLogits);
        }

        @Override
        public int[] mostLikely(int[] ids) {
            steps++;
            return decoder.mostLikely(ids);
        }

        @Override
        public float[] logProbs() {
            return decoder.logProbs();
        }

        @Override
        public void rewind(int length) {
            decoder.rewind(length);
        }

        @Override
        public void reorder(int[] rows) {
            decoder.reorder(rows);
        }

        @Override
        public void close() {
            decoder.close();
        }
    }

    /** Random logits that like what follows in the input. */
    private static Function<List<Integer>, float[]> copying(int seed) {
        return prefix -> {
            List<Integer> seeded = new ArrayList<>(prefix);
            seeded.add(seed);
            float[] logits = PrefixDecoder.scattered(seeded, 12);
            int last = prefix.get(prefix.size() - 1);
            IntStream.range(0, INPUT.length - 1).filter(i -> INPUT[i] == last).forEach(i -> logits[INPUT[i + 1]] += 3);
            return logits;
        };
    }

    private static Generated search(GenerationConfig rules, Decoder decoder) {
        return new PromptLookup(rules, TOKENS, INPUT).search(decoder).get(0).get(0);
    }

    private static GenerationConfig guess(GenerationConfig rules, int tokens) {
        return rules.toBuilder().promptLookupNumTokens(tokens).build();
    }

    private static List<int[]> inputs(Path directory) throws IOException {
        try (Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(directory);
                SquadReader reader = new SquadReader(QUESTIONS.toString(), Files.newInputStream(QUESTIONS))) {
            QaPrompt prompt = QaPrompt.classic(tokenizer);
            List<int[]> inputs = new ArrayList<>();
            while (reader.hasNext()) {
                SquadQuestion question = reader.next();
                inputs.add(prompt.input(question.question(), question.context()).ids());
            }
            return inputs;
        } catch (InvalidMessage e) {
            throw new IllegalStateException(e);
        }
    }
}
